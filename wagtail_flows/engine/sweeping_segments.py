"""Sweeping segments: who is in one now and wasn't at the last look has come in.

Two statements for each scenario and segment. Who has left is forgotten, so coming back is coming in again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.models import SeenMember, SegmentSweep
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.engine.starting import Occasion, bring_in, lock
from wagtail_flows.lib.inserting import Alike, insert_missing
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.triggers.segment_entered import SegmentTrigger
from wagtail_flows.segments.membership import by_public_id, members, problems_of
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.semijoins import LookedUp


# A segment may hang on dates, so that people come in while nothing happens.
SWEPT_EVERY = timedelta(minutes=5)
MOST_REMEMBERED_AT_ONCE = 5_000


def sweep(now: datetime, until: float | None = None) -> int:
    """Look at every segment that a live scenario listens to and that is due; how many people came in."""
    came_in = 0
    for listener, segment in _listened():
        if is_over(until):
            break
        taken = _take(listener, segment, now)
        if taken is not None:
            came_in += _swept(listener, segment, taken, now, until)
    return came_in


def next_due(now: datetime) -> datetime | None:
    """When the next segment must be looked at; None when no scenario listens to any."""
    listened = [(one.scenario_id, segment.pk, one.starts_with_events_after) for one, segment in _listened()]
    if not listened:
        return None
    rows = SegmentSweep.objects.filter(scenario__in={scenario_id for scenario_id, _segment, _since in listened})
    known = {(row.scenario_id, row.segment_id, row.since): row.swept_at for row in rows}
    moments = [known.get(one) for one in listened]
    return min(now if swept_at is None else swept_at + SWEPT_EVERY for swept_at in moments)


def _listened() -> Iterator[tuple[ListeningTrigger, Segment]]:
    """Each scenario once for each segment. One that is gone or can't be asked now is left as it was at the last look:
    else everybody would come in once it can be asked again.
    """
    found: set[tuple[int, str]] = set()
    for listener in live.listening_as(SegmentTrigger.kind):
        trigger = listener.trigger
        if not isinstance(trigger, SegmentTrigger) or (listener.scenario_id, trigger.segment) in found:
            continue
        found.add((listener.scenario_id, trigger.segment))
        segment = by_public_id(trigger.segment)
        if segment is not None and not problems_of(segment):
            yield listener, segment


def _take(listener: ListeningTrigger, segment: Segment, now: datetime) -> SegmentSweep | None:
    """The sweep, if it is due and nobody else took it. The first one only remembers who is in."""
    row, _is_new = SegmentSweep.objects.get_or_create(
        scenario_id=listener.scenario_id, segment=segment, defaults={"since": listener.starts_with_events_after}
    )
    if row.swept_at is None or row.since != listener.starts_with_events_after:
        _remember_all(row, segment, listener, now)
        return None
    due = SegmentSweep.objects.filter(pk=row.pk, since=row.since, swept_at__lte=now - SWEPT_EVERY)
    return row if due.update(swept_at=now) else None


def _remember_all(row: SegmentSweep, segment: Segment, listener: ListeningTrigger, now: datetime) -> None:
    with transaction.atomic():
        row.seen.all().delete()
        like = SeenMember(sweep=row)
        those_in = members(segment).order_by().values_list("pk").iterator(MOST_REMEMBERED_AT_ONCE)
        while portion := list(islice(those_in, MOST_REMEMBERED_AT_ONCE)):
            insert_missing(SeenMember, [Alike(like, ("contact_id",), portion)])
        SegmentSweep.objects.filter(pk=row.pk).update(since=listener.starts_with_events_after, swept_at=now)


def _swept(listener: ListeningTrigger, segment: Segment, row: SegmentSweep, now: datetime, until: float | None) -> int:
    """Forget who left, then let in who came, in batches. What the time doesn't suffice for is due again at once."""
    # Not “NOT IN”: PostgreSQL can't make an anti-join of that, and compares everybody seen with everybody in.
    row.seen.filter(~Exists(members(segment).order_by().filter(pk=OuterRef("contact_id")))).delete()
    came_in = 0
    while ids := list(_new(segment, row).order_by("pk").values_list("pk", flat=True)[: conf.BATCH_SIZE]):
        if is_over(until):
            SegmentSweep.objects.filter(pk=row.pk).update(swept_at=now - SWEPT_EVERY)
            break
        came_in += _let_in(listener, segment, row, ids, now)
    return came_in


def _new(segment: Segment, row: SegmentSweep) -> QuerySet[Contact]:
    # Looked up one by one: right after the first look at a large segment the planner doesn't know yet how many were
    # seen, takes them for a few, and would compare everybody in with everybody seen.
    return members(segment).filter(~LookedUp(SeenMember.objects.filter(sweep=row, contact=OuterRef("pk"))))


def _let_in(listener: ListeningTrigger, segment: Segment, row: SegmentSweep, ids: list[int], now: datetime) -> int:
    """One transaction. Whoever another runner let in meanwhile is seen already, which is asked under the lock; the
    unique row refuses a second time.
    """
    with transaction.atomic():
        contacts = lock(ids)
        for seen in row.seen.filter(contact__in=contacts).values_list("contact_id", flat=True):
            del contacts[seen]
        subject = f"segment:{segment.public_id}"
        occasions = [Occasion(pk, f"{subject}:{now.isoformat()}", subject) for pk in contacts]
        SeenMember.objects.bulk_create([SeenMember(sweep=row, contact_id=pk) for pk in contacts])
        return bring_in(listener, occasions, contacts, now)
