"""Warming up: a new sender begins with few e-mails a day and sends more each day, until it is known. Pure.

Days are those of the site's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class WarmUp:
    """`first` e-mails on `starts_on`, each day `growth` percent more than the day before, over once a day's cap would
    reach `until`.
    """

    starts_on: date
    first: int
    growth: int
    until: int

    def cap(self, day: date) -> int | None:
        """How many may go on this day; None before and after the plan."""
        days = (day - self.starts_on).days
        if days < 0:
            return None
        most = Fraction(self.first)
        for _day in range(days if self.growth else 0):
            most *= Fraction(100 + self.growth, 100)
            if most >= self.until:
                return None
        return int(most) if most < self.until else None


def today(now: datetime, zone: tzinfo) -> date:
    """The day that `now` (aware) is in."""
    return now.astimezone(zone).date()


def tomorrow(now: datetime, zone: tzinfo) -> datetime:
    """When the next day begins, in UTC."""
    return datetime.combine(today(now, zone) + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
