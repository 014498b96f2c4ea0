"""How often one contact may be written to. Pure: what was sent and what waits come in, a verdict goes out.

Days and weeks are 24 hours and seven times 24 hours back from now, so that nothing bursts at midnight and no change to
summer time makes a day longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cap:
    """Most e-mails within 24 hours and within seven days; None: as many as come."""

    a_day: int | None = None
    a_week: int | None = None

    def __bool__(self) -> bool:
        return self.a_day is not None or self.a_week is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is due. `queued_at`: among equals, who has waited longest goes first."""

    pk: int
    priority: int
    queued_at: datetime

    @property
    def turn(self) -> tuple[int, datetime, int]:
        """Sorts by who goes first."""
        return -self.priority, self.queued_at, self.pk


def room(cap: Cap, sent: Sequence[datetime], now: datetime) -> int | None:
    """How many more may go at `now` to somebody who was sent mail at these moments; None: as many as come."""
    rooms = [
        most - sum(moment > now - span for moment in sent)
        for most, span in ((cap.a_day, DAY), (cap.a_week, WEEK))
        if most is not None
    ]
    return max(min(rooms), 0) if rooms else None


def opens_at(cap: Cap, sent: Sequence[datetime], now: datetime) -> datetime:
    """When there is room for one more: `now`, where there is."""
    latest_first = sorted(sent, reverse=True)
    moments = [now]
    for most, span in ((cap.a_day, DAY), (cap.a_week, WEEK)):
        if most is not None and len(latest_first) >= most > 0:
            moments.append(latest_first[most - 1] + span)
    return max(moments)


def goes_before(one: Waiting, others: Sequence[Waiting]) -> int:
    """How many of `others`, which all wait for the same contact, go before `one`."""
    return sum(other.turn < one.turn for other in others if other.pk != one.pk)
