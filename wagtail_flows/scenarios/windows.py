"""Windows: hours of some weekdays, on the clock of a zone. Pure; right also when summer time begins or ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from wagtail_flows.scenarios.dates import at_clock


# Weekdays as ISO 8601 counts them.
MONDAY, SUNDAY = 1, 7
EVERY_DAY = frozenset(range(MONDAY, SUNDAY + 1))


@dataclass(frozen=True)
class Window:
    """From `start` (included) to `end` (excluded) on these weekdays. An end that isn't after the start is on the day
    after: 22:00 to 06:00 on Fridays ends on Saturday morning, and equal times are a whole day.
    """

    start: time
    end: time
    weekdays: frozenset[int] = EVERY_DAY

    def opening(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """When the window of this day begins and ends, in UTC."""
        ends_on = day if self.end > self.start else day + timedelta(days=1)
        return at_clock(day, self.start, zone), at_clock(ends_on, self.end, zone)


def next_in_window(moment: datetime, window: Window, zone: tzinfo) -> datetime:
    """`moment` (aware) where it is in the window, else when the window next begins; in UTC.

    A beginning that the clock skips in spring is moved forward by what was skipped; of one that comes twice in autumn
    the first is meant. A day that a zone left out altogether has no window. Raises ValueError without weekdays.
    """
    if not window.weekdays:
        raise ValueError("A window needs a weekday.")
    moment = moment.astimezone(UTC)
    # The one of yesterday may reach over midnight. Two weeks: a single weekday may be the one that a zone left out.
    first = moment.astimezone(zone).date() - timedelta(days=1)
    for day in (first + timedelta(days=number) for number in range(16)):
        if day.isoweekday() not in window.weekdays or not _exists(day, zone):
            continue
        begins, ends = window.opening(day, zone)
        if moment < ends and begins < ends:
            return max(moment, begins)
    raise AssertionError("No window within two weeks, though each weekday comes in every week.")


def _exists(day: date, zone: tzinfo) -> bool:
    """Whether a zone has this day: Samoa went from 29 to 31 December 2011."""
    return at_clock(day, time(12), zone).astimezone(zone).date() == day
