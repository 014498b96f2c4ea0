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
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.answers import answer
from wagtail_flows.engine.changing import change
from wagtail_flows.engine.changing_lists import change_lists
from wagtail_flows.engine.locking import RUNNERS, lock_free_contacts
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.pacing import in_batches, is_over
from wagtail_flows.engine.passage import Passage, StepLost, fail
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.versions import graphs, scenario_ids
from wagtail_flows.engine.waking import look_back
from wagtail_flows.engine.writing import write
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.events.models import Event
from wagtail_flows.lib.db import locked, skip_locked


log = logging.getLogger(__name__)


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
            enrollments, contacts = _lock_due(now)
            ids = [enrollment.pk for enrollment in enrollments]
            _advance(enrollments, contacts, now)
    except (OperationalError, InterfaceError):
        # The database is away, or asks to try again: that says nothing about anybody in this batch.
        raise
    except Exception:
        if not ids:
            raise
        log.exception("A batch of %d enrollments could not be advanced; each is tried alone.", len(ids))
        _advance_each(ids, now, until)
    return len(ids)


def _lock_due(now: datetime) -> tuple[list[Enrollment], Mapping[int, Contact]]:
    """Lock a batch, the longest overdue first, and answer with what was due once the locks were had."""
    due = Enrollment.objects.due(now)
    overdue = due.order_by("due_at", "pk").values("contact_id")[: conf.BATCH_SIZE * RUNNERS]
    contacts = lock_free_contacts(overdue, conf.BATCH_SIZE)
    enrollments = skip_locked(due.filter(contact_id__in=contacts).order_by("pk"))[: conf.BATCH_SIZE]
    return list(enrollments), contacts


def _advance_each(ids: Sequence[int], now: datetime, until: float | None) -> None:
    """Each in a transaction of its own, so that one who can't be moved holds up nobody else."""
    for pk in ids:
        if is_over(until):
            return
        try:
            with transaction.atomic():
                _advance(*_lock_one(pk, now), now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("Enrollment %d could not be advanced.", pk)
            with transaction.atomic():
                for enrollment in _lock_one(pk, now)[0]:
                    fail(enrollment, error, now)
                    enrollment.save(update_fields=["status", "due_at", "attempts", "error"])


def _lock_one(pk: int, now: datetime) -> tuple[list[Enrollment], Mapping[int, Contact]]:
    """Lock this one and its contact, waiting for who holds them; empty when it isn't due any more."""
    contacts = Contact.objects.filter(enrollments__pk=pk).only("pk", "public_id", "time_zone")
    by_id = {contact.pk: contact for contact in locked(contacts)}
    return list(locked(Enrollment.objects.due(now).filter(pk=pk))), by_id


def _advance(enrollments: Sequence[Enrollment], contacts: Mapping[int, Contact], now: datetime) -> None:
    passages = _passages(enrollments, contacts)
    # A time-out that is due and an event that has just been recorded: the event counts.
    look_back(passages)
    moving = passages
    while moving:
        for step_passages in _by_step(moving, now):
            _decide(step_passages, now)
        change(moving)
        change_lists(moving)
        look_back(moving)
        moving = [passage for passage in moving if passage.is_moving]
    write(passages)


def _passages(enrollments: Sequence[Enrollment], contacts: Mapping[int, Contact]) -> list[Passage]:
    known = graphs(one.version_id for one in enrollments)
    scenarios = scenario_ids(one.version_id for one in enrollments)
    named = {pk for one in enrollments for pk in (one.trigger_event_id, one.woken_by_id) if pk}
    events = Event.objects.in_bulk(named)
    snapshots = {pk: snapshot(event) for pk, event in events.items()}
    return [
        Passage(
            enrollment=one,
            graph=known[one.version_id],
            event=snapshots.get(one.trigger_event_id or 0),
            zone=zone_named(contacts[one.contact_id].time_zone),
            contact=str(contacts[one.contact_id].public_id),
            scenario=scenarios[one.version_id],
            woken_by=snapshots.get(one.woken_by_id or 0),
        )
        for one in enrollments
    ]


def _by_step(passages: Sequence[Passage], now: datetime) -> Collection[list[Passage]]:
    """Those who stand at the same step of the same version, together. Who stands nowhere fails, alone."""
    groups: dict[tuple[int, str], list[Passage]] = defaultdict(list)
    for passage in passages:
        if passage.enrollment.step in passage.graph.by_id:
            groups[passage.enrollment.version_id, passage.enrollment.step].append(passage)
        else:
            passage.fail(StepLost(passage.enrollment.step), now)
    return groups.values()


def _decide(passages: Sequence[Passage], now: datetime) -> None:
    """Ask one step about all who stand there. Deciding is pure, so who makes it raise fails without harm to the
    others.
    """
    step = passages[0].step
    people = [passage.enrollment.contact_id for passage in passages]
    answers = answer(step.questions(), people, passages[0].scenario)
    for passage in passages:
        own = answers.get(passage.enrollment.contact_id, {})
        try:
            passage.act(step.decide(passage.situation(now, own)), now, _seen(passage, own))
        except Exception as error:
            log.exception("Step %r could not decide about enrollment %d.", step.id, passage.enrollment.pk)
            passage.fail(error, now)


def _seen(passage: Passage, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The values the step looked at, kept to explain what it decided."""
    seen: dict[str, Any] = {"answers": dict(answers)} if answers else {}
    if passage.event is not None:
        seen["event_occurred_at"] = passage.event.occurred_at.isoformat()
    return seen
