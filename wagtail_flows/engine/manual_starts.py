"""Starting by hand for many: what stands against it, beginning it, and following it up in batches by the runner."""

from __future__ import annotations

import uuid

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine import audiences
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.engine.starting import MANUAL, NotStartable, Occasion, bring_in, lock
from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.among import among
from wagtail_flows.lib.time_budget import TookTooLong, within
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments.membership import members
from wagtail_flows.segments.models import Segment


COUNT_SECONDS = 2.0
KEPT_PREPARED = timedelta(days=1)
LONGEST_KEY_OF_PROGRAM = 40
NOT_STARTABLE, SEGMENT_GONE = "not_startable", "segment_gone"


@dataclass(frozen=True)
class Forecast:
    """How many are chosen, and how many of them are inside already or outside of the audience. None: not counted in
    time. Re-entry rules may keep out more.
    """

    total: int | None
    inside: int | None
    outside: int | None


def startable() -> list[Scenario]:
    """The scenarios that can be started by hand now, by name."""
    ids = {listener.scenario_id for listener in live.listening_as(MANUAL)}
    return list(Scenario.objects.filter(pk__in=ids).order_by("name", "pk"))


def forecast(scenario: Scenario, people: QuerySet[Contact]) -> Forecast:
    """What would stand against it, counted within some seconds. Raises NotStartable."""
    listener = _listener(scenario.pk)
    people = people.order_by()
    inside = Enrollment.objects.inside().filter(scenario=scenario, subject="")
    audience = listener.graph.audience
    admitted = people.filter(pk__in=audiences.everybody(audience).values("pk")) if audience is not None else people
    total, let_in = _count(people), _count(admitted)
    return Forecast(
        total,
        _count(people.filter(pk__in=inside.values("contact_id"))),
        None if total is None or let_in is None else max(total - let_in, 0),
    )


def _count(people: QuerySet[Contact]) -> int | None:
    try:
        with within(COUNT_SECONDS):
            return people.count()
    except TookTooLong:
        return None


def people_of(row: ManualStart) -> QuerySet[Contact]:
    """Those chosen who still are contacts."""
    if row.segment is not None:
        return members(row.segment)
    return Contact.objects.filter(among("pk", row.contacts))


def key_of_program(scenario: Scenario, key: str) -> str:
    """What to prepare a start with that a program calls `key` (1 to 40 characters): its own for each scenario, and the
    same occasion as `starting.start` makes of that key, so that nobody comes in by both.
    """
    return f"{scenario.pk}/{key}"


def _occasion(row: ManualStart) -> str:
    _scenario, _slash, of_program = row.key.partition("/")
    return f"{MANUAL}:{of_program or row.key}"


def prepare(
    *, key: str = "", user: Any = None, segment: Segment | None = None, contact_ids: Sequence[int] = ()
) -> ManualStart:
    """Note who is chosen, before anybody comes in; the same `key` (32 hexadecimal digits, or of `key_of_program`, ""
    for a new one) gives the same row again. What was prepared and forgotten goes after a day.
    """
    now = clock.now()
    ManualStart.objects.filter(begun_at=None, prepared_at__lt=now - KEPT_PREPARED).delete()
    values = {
        "segment": segment,
        "contacts": sorted(set(contact_ids)),
        "chosen": segment.name if segment is not None else "",
        "started_by": user,
        "prepared_at": now,
    }
    row, _is_new = ManualStart.objects.get_or_create(key=key or uuid.uuid4().hex, defaults=values)
    return row


def begin(row: ManualStart, scenario: Scenario) -> bool:
    """Start the scenario for those chosen; False where that was begun already. Raises NotStartable.

    Few come in at once; of more the first batch does, and the runner follows up.
    """
    _listener(scenario.pk)
    now = clock.now()
    unbegun = ManualStart.objects.filter(pk=row.pk, begun_at=None)
    if not unbegun.update(begun_at=now, scenario=scenario):
        return False
    row.refresh_from_db()
    _let_in(row, now)
    if not _next_ids(row):
        _let_in(row, now)
    row.refresh_from_db()
    bell.ring()
    return True


def follow_up(now: datetime, until: float | None = None) -> int:
    """Let in who was chosen, of everything that was begun; how many came in."""
    came_in = 0
    for row in _unfinished().order_by("pk"):
        while not is_over(until) and (batch := _let_in(row, now)) is not None:
            came_in += batch
    return came_in


def next_due(now: datetime) -> datetime | None:
    """`now` where one isn't followed up to its end."""
    return now if _unfinished().exists() else None


def _unfinished() -> QuerySet[ManualStart]:
    return ManualStart.objects.filter(begun_at__isnull=False, finished_at=None)


def _listener(scenario_id: int | None) -> ListeningTrigger:
    for listener in live.listening_as(MANUAL):
        if listener.scenario_id == scenario_id:
            return listener
    raise NotStartable(NotStartable.__doc__)


def _let_in(row: ManualStart, now: datetime) -> int | None:
    """The next batch in one transaction, by whoever moves the mark on; None when this one is at its end, or another
    runner is at it.
    """
    mine = ManualStart.objects.filter(pk=row.pk, last_contact=row.last_contact, finished_at=None)
    try:
        listener = _listener(row.scenario_id)
    except NotStartable:
        mine.update(finished_at=now, problem=NOT_STARTABLE, contacts=[])
        return None
    ids = _next_ids(row)
    if not ids:
        is_gone = row.segment_id is None and not row.contacts
        mine.update(finished_at=now, problem=SEGMENT_GONE if is_gone else "", contacts=[])
        return None
    with transaction.atomic():
        if not mine.update(last_contact=ids[-1], looked_at=F("looked_at") + len(ids)):
            return None
        row.last_contact = ids[-1]
        contacts = lock(ids)
        entered = bring_in(listener, [Occasion(pk, _occasion(row)) for pk in contacts], contacts, now)
        ManualStart.objects.filter(pk=row.pk).update(entered=F("entered") + entered)
    return entered


def _next_ids(row: ManualStart) -> list[int]:
    """The next of those chosen, in the order of their keys."""
    if row.segment is not None:
        people = members(row.segment).filter(pk__gt=row.last_contact).order_by("pk")
        return list(people.values_list("pk", flat=True)[: conf.BATCH_SIZE])
    first = bisect_right(row.contacts, row.last_contact)
    return list(row.contacts[first : first + conf.BATCH_SIZE])
