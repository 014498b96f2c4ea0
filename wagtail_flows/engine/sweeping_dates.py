"""Sweeping dates: whose day it has become, zone by zone.

Most looks ask the database for nobody: which zones have passed the trigger's time of the day since the last look is
computed first. Looking twice lets nobody in twice: each time that a date comes round has its own entry key.
"""

from __future__ import annotations

import zoneinfo

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import ContactProperty
from wagtail_flows.engine.models import DateSweep
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.engine.starting import Occasion, bring_in, lock
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.dates import at_clock
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.occurrences import Repeat, monthly_days, yearly_days
from wagtail_flows.scenarios.triggers.date import DateTrigger


# After an outage, days that are further back than this aren't made up for: a birthday is no news after a week.
MOST_DAYS_LATE = timedelta(days=7)
# The zone of who has none that is known: the site's.
ELSEWHERE = ""


@dataclass(frozen=True)
class Due:
    """This day has come for the contacts of these zones (ELSEWHERE among them: of no known one)."""

    day: date
    zones: frozenset[str]


def sweep(now: datetime, until: float | None = None) -> int:
    """Let in everybody whose day it has become since the last look; how many."""
    came_in = 0
    for listener, trigger in _listened():
        row, _is_new = DateSweep.objects.get_or_create(
            scenario_id=listener.scenario_id,
            trigger_id=trigger.id,
            defaults={"swept_at": listener.starts_with_events_after},
        )
        since = max(row.swept_at, listener.starts_with_events_after, now - MOST_DAYS_LATE)
        days = list(_due(trigger, since, now))
        if not days:
            continue
        for due in days:
            came_in += _let_in_all(listener, trigger, due, now, until)
        if is_over(until):
            # The rest of it is looked at again: nothing is marked before it is done.
            break
        DateSweep.objects.filter(pk=row.pk, swept_at__lt=now).update(swept_at=now)
    return came_in


def next_due(now: datetime) -> datetime | None:
    """When the next day comes in any zone; None when no scenario hangs on a date."""
    listened = list(_listened())
    if not listened:
        return None
    rows = DateSweep.objects.filter(scenario__in={listener.scenario_id for listener, _trigger in listened})
    swept = {(row.scenario_id, row.trigger_id): row.swept_at for row in rows}
    return min(
        _next_day(trigger, max(since, swept.get((listener.scenario_id, trigger.id), since)))
        for listener, trigger in listened
        for since in (listener.starts_with_events_after,)
    )


def _next_day(trigger: DateTrigger, swept_at: datetime) -> datetime:
    following = ((trigger.last_day(swept_at, zone), zone) for zone in _zones().values())
    return min(at_clock(day + timedelta(days=1), trigger.at, zone) for day, zone in following)


def _listened() -> Iterator[tuple[ListeningTrigger, DateTrigger]]:
    for listener in live.listening_as(DateTrigger.kind):
        if isinstance(listener.trigger, DateTrigger):
            yield listener, listener.trigger


def _zones() -> dict[str, tzinfo]:
    return {**_known_zones(), ELSEWHERE: timezone.get_default_timezone()}


@cache
def _known_zones() -> dict[str, tzinfo]:
    return {name: zoneinfo.ZoneInfo(name) for name in sorted(zoneinfo.available_timezones())}


def _due(trigger: DateTrigger, since: datetime, now: datetime) -> Iterator[Due]:
    """The days that have come after `since`, up to `now`, the oldest first, each with the zones it has come in."""
    found: dict[date, set[str]] = defaultdict(set)
    for name, zone in _zones().items():
        day, last = trigger.last_day(since, zone), trigger.last_day(now, zone)
        while day < last:
            day += timedelta(days=1)
            found[day].add(name)
    for day in sorted(found):
        yield Due(day, frozenset(found[day]))


def passed_today(trigger: DateTrigger, now: datetime) -> Iterator[Due]:
    """The days of today, in each zone where the time of the day has passed by `now`."""
    found: dict[date, set[str]] = defaultdict(set)
    for name, zone in _zones().items():
        today = now.astimezone(zone).date()
        if trigger.last_day(now, zone) == today:
            found[today].add(name)
    for day in sorted(found):
        yield Due(day, frozenset(found[day]))


def _let_in_all(listener: ListeningTrigger, trigger: DateTrigger, due: Due, now: datetime, until: float | None) -> int:
    """In batches, in the order of the contacts."""
    came_in, last = 0, 0
    rows = ContactProperty.objects.filter(whose_day(trigger, due)).order_by("contact_id")
    while not is_over(until):
        ids = list(rows.filter(contact_id__gt=last).values_list("contact_id", flat=True)[: conf.BATCH_SIZE])
        if not ids:
            break
        came_in += _let_in(listener, trigger, due, ids, now)
        last = ids[-1]
    return came_in


def _let_in(listener: ListeningTrigger, trigger: DateTrigger, due: Due, ids: Collection[int], now: datetime) -> int:
    """One transaction. Asked again under the lock: a date may just have been corrected."""
    with transaction.atomic():
        contacts = lock(ids)
        return bring_in(listener, occasions_of(trigger, due, contacts), contacts, now)


def occasions_of(trigger: DateTrigger, due: Due, contact_ids: Collection[int]) -> list[Occasion]:
    """Whose day it is, of these."""
    still = ContactProperty.objects.filter(whose_day(trigger, due), contact_id__in=contact_ids)
    return [
        Occasion(pk, trigger.occasion(due.day), data={"property": trigger.name, "date": known.isoformat()})
        for pk, known in still.values_list("contact_id", "date")
        if known is not None
    ]


def whose_day(trigger: DateTrigger, due: Due) -> Q:
    """The condition on their properties."""
    day = trigger.date_of(due.day)
    return Q(property__name=trigger.name, date__lte=day) & _comes_round(day, trigger.repeat) & _in_zones(due.zones)


def _comes_round(day: date, repeat: Repeat) -> Q:
    """The same as `occurrences.comes_round`, as a condition."""
    match repeat:
        case Repeat.ONCE:
            return Q(date=day)
        case Repeat.YEARLY:
            pairs = yearly_days(day)
            return Q(date__month=day.month, date__day__in=[number for _month, number in pairs])
        case Repeat.MONTHLY:
            return Q(date__day__in=monthly_days(day))


def _in_zones(names: frozenset[str]) -> Q:
    known = Q(contact__time_zone__in=sorted(names - {ELSEWHERE}))
    if ELSEWHERE not in names:
        return known
    return known | ~Q(contact__time_zone__in=sorted(_known_zones()))
