"""Advancing who is due: set by set, decided purely, written at once.

A batch is one transaction: it locks (see `locking`), decides level by level until everybody waits or has left, and
writes. It has no effect outside of the database, so it needs no lease: a crash rolls it back, and its people are due
again.
"""

from __future__ import annotations

import logging

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from wagtail_flows.conf import conf
from wagtail_flows.engine.answers import answer
from wagtail_flows.engine.changing import change
from wagtail_flows.engine.changing_lists import change_lists
from wagtail_flows.engine.loading import name_contacts, passages
from wagtail_flows.engine.locking import RUNNERS, lock_contact_of, lock_free_contacts
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.pacing import in_batches, is_over
from wagtail_flows.engine.passage import Passage, StepLost, fail
from wagtail_flows.engine.waking import look_back
from wagtail_flows.engine.writing import write
from wagtail_flows.lib.among import among
from wagtail_flows.lib.db import locked, skip_locked
from wagtail_flows.scenarios.outcomes import Change, ChangeSubscription, WaitForEvent
from wagtail_flows.scenarios.step import Step


log = logging.getLogger(__name__)

# What is changed of a contact, or hangs on its own events.
PERSONAL = Change | ChangeSubscription | WaitForEvent


def advance(now: datetime, until: float | None = None) -> int:
    """Move everybody who is due, in batches, until nobody is or the time is over. The number of enrollments looked
    at.
    """
    return in_batches(lambda: _advance_batch(now, until), until)


def next_due(now: datetime) -> datetime | None:
    """When the next enrollment falls due; None when nobody waits."""
    waiting = Enrollment.objects.running().filter(due_at__isnull=False)
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()


def _advance_batch(now: datetime, until: float | None) -> int:
    # Asked outside of the transaction: on SQLite that would take the only write lock, for nothing most of the time.
    if not Enrollment.objects.due(now).exists():
        return 0
    ids: list[int] = []
    try:
        with transaction.atomic():
            ids = _lock_due(now)
            _advance(ids, now)
    except (OperationalError, InterfaceError):
        # The database is away, or asks to try again: that says nothing about anybody in this batch.
        raise
    except Exception:
        if not ids:
            raise
        log.exception("A batch of %d enrollments could not be advanced; each is tried alone.", len(ids))
        _advance_each(ids, now, until)
    return len(ids)


def _lock_due(now: datetime) -> list[int]:
    """Lock a batch, the longest overdue first; the ids of what was due once the locks were had."""
    due = Enrollment.objects.due(now)
    overdue = due.order_by("due_at", "pk").values("contact_id")[: conf.BATCH_SIZE * RUNNERS]
    for _try in range(RUNNERS):
        contacts = lock_free_contacts(overdue, conf.BATCH_SIZE)
        if not contacts:
            break
        theirs = skip_locked(due.filter(among("contact_id", list(contacts))).order_by("pk"))
        ids = list(theirs.values_list("pk", flat=True)[: conf.BATCH_SIZE])
        if ids:
            return ids
        # Another runner moved them all while their contacts were looked for. That doesn't mean that nobody is left.
    return []


def _advance_each(ids: Sequence[int], now: datetime, until: float | None) -> None:
    """Each in a transaction of its own, so that one who can't be moved holds up nobody else."""
    for pk in ids:
        if is_over(until):
            return
        try:
            with transaction.atomic():
                _advance(_lock_one(pk, now), now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("Enrollment %d could not be advanced.", pk)
            with transaction.atomic():
                for enrollment in Enrollment.objects.filter(pk__in=_lock_one(pk, now)):
                    fail(enrollment, error, now)
                    enrollment.save(update_fields=["status", "due_at", "attempts", "error"])


def _lock_one(pk: int, now: datetime) -> list[int]:
    """Lock this one and its contact, waiting for who holds them; empty when it isn't due any more."""
    lock_contact_of(pk)
    return list(locked(Enrollment.objects.due(now).filter(pk=pk)).values_list("pk", flat=True))


def _advance(ids: Sequence[int], now: datetime) -> None:
    if not ids:
        return
    due = passages(ids)
    # A time-out that is due and an event that has just been recorded: the event counts.
    look_back(due)
    moving, moved = due, []
    while moving:
        decided = [passage for alike in _by_step(moving) for passage in _decide(alike, now)]
        change(decided)
        change_lists(decided)
        look_back(decided)
        moving = [passage for passage in decided if passage.is_moving]
        moved += [passage for passage in decided if not passage.is_moving]
    write(moved)


def _by_step(passages: Sequence[Passage]) -> Collection[list[Passage]]:
    """Those who stand at the same step of the same version, together."""
    groups: dict[tuple[int, str], list[Passage]] = defaultdict(list)
    for passage in passages:
        groups[passage.enrollment.version_id, passage.enrollment.step].append(passage)
    return groups.values()


def _decide(passages: Sequence[Passage], now: datetime) -> list[Passage]:
    """Ask one step about all who stand there; these, parted where they take different ways. Deciding is pure, so who
    makes it raise fails without harm to the others. Who stands nowhere fails likewise.
    """
    step = passages[0].graph.by_id.get(passages[0].enrollment.step)
    if step is None:
        for passage in passages:
            passage.fail(StepLost(passage.enrollment.step), now)
        return list(passages)
    people = [insider.contact_id for passage in passages for insider in passage.insiders]
    answers = answer(step.questions(), people, passages[0].scenario)
    if step.is_personal:
        parts = [part for passage in passages for part in passage.alone()]
        name_contacts(parts)
    else:
        # Those about whom the step is told the same stay together.
        parts = [part for passage in passages for part in passage.parted(lambda one: repr(answers[one.contact_id]))]
    return [one for part in parts for one in _act(part, step, answers[part.enrollment.contact_id], now)]


def _act(passage: Passage, step: Step, answers: Mapping[str, Any], now: datetime) -> list[Passage]:
    try:
        outcome = step.decide(passage.situation(now, answers))
        acting = passage.alone() if isinstance(outcome, PERSONAL) else [passage]
        for one in acting:
            one.act(outcome, now, _seen(one, answers))
    except Exception as error:
        log.exception("Step %r could not decide about enrollment %d.", step.id, passage.enrollment.pk)
        passage.fail(error, now)
        return [passage]
    return acting


def _seen(passage: Passage, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The values the step looked at, kept to explain what it decided."""
    seen: dict[str, Any] = {"answers": dict(answers)} if answers else {}
    if passage.event is not None:
        seen["event_occurred_at"] = passage.event.occurred_at.isoformat()
    return seen
