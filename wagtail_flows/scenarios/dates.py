"""Dates and clock times as people mean them, made moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def days_later(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """The same wall-clock time in `zone`, `days` calendar days after `moment` (aware). The answer is in UTC.

    So "10 days after" keeps the hour of the day when summer time begins or ends in between. A wall-clock time that
    doesn't exist (the hour skipped in spring) is moved forward by what was skipped; of one that exists twice the first
    is meant.
    """
    wall = moment.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=days)
    # PEP 495: with fold=0 a skipped time is read with the offset before the change, which lands after it.
    return wall.replace(tzinfo=zone).astimezone(UTC)


def at_clock(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which the clocks of `zone` show this time on this day; of a time that is skipped or comes
    twice, as `days_later` has it.
    """
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def days_from(day: date, days: int) -> date:
    """So many days later, or earlier; at the ends of the calendar the last day that can still be computed with."""
    return date.fromordinal(min(max(day.toordinal() + days, FIRST_DAY), LAST_DAY))


# Time zones move a moment by up to a day, which must still be in the calendar.
FIRST_DAY = date.min.toordinal() + 400
LAST_DAY = date.max.toordinal() - 400
