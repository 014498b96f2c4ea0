"""How many people segments have: counted once a day and after every change, and kept for the growth chart."""

from __future__ import annotations

import logging
import time

from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from wagtail_flows.lib.db import locked
from wagtail_flows.lib.time_budget import TookTooLong, within
from wagtail_flows.segments.estimating import estimated
from wagtail_flows.segments.membership import matching, members
from wagtail_flows.segments.models import Segment, SegmentCount


log = logging.getLogger(__name__)

# One segment must not keep a runner from the rest of its round.
LONGEST_COUNT = 20.0


def count_due(now: datetime, until: float | None) -> int:
    """Count the segments that weren't counted today (in the site's zone), or not since they changed; answers how many.

    Stops when `time.monotonic()` is past `until`.
    """
    counted = 0
    for segment in _due(now).order_by("counted_at", "pk"):
        if until is not None and time.monotonic() >= until:
            break
        _count_or_report(segment, now)
        counted += 1
    return counted


def _count_or_report(segment: Segment, now: datetime) -> None:
    """A segment that the database fails on keeps its number until tomorrow: it must not hold up the others."""
    try:
        count(segment, now)
    except DatabaseError:
        log.exception("The segment %s could not be counted.", segment.pk)
        Segment.objects.filter(pk=segment.pk, counted_at=segment.counted_at).update(counted_at=now)


def next_due(now: datetime) -> datetime | None:
    """Now, where a segment is due; else the next midnight, where there is any segment."""
    if _due(now).exists():
        return now
    return _midnight(now) + timedelta(days=1) if Segment.objects.exists() else None


def count(segment: Segment, now: datetime) -> None:
    """Count one segment and keep the number, unless it changed meanwhile: then its next count is due already."""
    number = _number(segment)
    with transaction.atomic():
        stored = locked(Segment.objects.filter(pk=segment.pk)).first()
        if stored is None or (stored.rule, stored.counted_at) != (segment.rule, segment.counted_at):
            return
        if number is None:
            Segment.objects.filter(pk=segment.pk).update(counted_at=now)
            return
        Segment.objects.filter(pk=segment.pk).update(count=number, counted_at=now)
        SegmentCount.objects.update_or_create(
            segment=segment, counted_on=_midnight(now).date(), defaults={"count": number}
        )


def _number(segment: Segment) -> int | None:
    """A count that takes too long is an estimate; None where there is none."""
    try:
        with within(LONGEST_COUNT):
            return members(segment).count()
    except TookTooLong:
        return estimated(partial(matching, segment))


def _due(now: datetime) -> QuerySet[Segment]:
    return Segment.objects.filter(Q(counted_at=None) | Q(counted_at__lt=_midnight(now)))


def _midnight(now: datetime) -> datetime:
    """When today began in the site's zone."""
    local = now.astimezone(timezone.get_default_timezone())
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
