"""Adding days to a moment, the way people count them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


def days_later(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """The same wall-clock time in `zone`, `days` calendar days after `moment` (aware). The answer is in UTC.

    So "10 days after" keeps the hour of the day when summer time begins or ends in between. A wall-clock time that
    doesn't exist (the hour skipped in spring) is moved forward by what was skipped; of one that exists twice the first
    is meant.
    """
    wall = moment.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=days)
    # PEP 495: with fold=0 a skipped time is read with the offset before the change, which lands after it.
    return wall.replace(tzinfo=zone).astimezone(UTC)
