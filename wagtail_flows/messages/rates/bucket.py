"""Token buckets, each kept as one moment: up to when its tokens are spent. Pure.

A token comes every `interval`; whole intervals between that moment and now are tokens to take, at most a burst of them.
Taking moves the moment on, giving back moves it back. A moment in the future (somebody moved the clock) counts as now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


MINUTE = timedelta(minutes=1)
# How much of a minute's tokens may gather while nothing is sent: ten seconds' worth.
BURST = 6


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a minute, at least 1."""

    a_minute: int

    @property
    def interval(self) -> timedelta:
        return MINUTE / self.a_minute

    @property
    def burst(self) -> int:
        return max(1, self.a_minute // BURST)


def full(rate: Rate, now: datetime) -> datetime:
    """The moment of a bucket that nobody has taken from."""
    return now - rate.burst * rate.interval


def refilled(rate: Rate, spent_until: datetime, now: datetime) -> datetime:
    """The moment as it counts at `now`: within a burst before it."""
    return min(max(spent_until, full(rate, now)), now)


def tokens(rate: Rate, spent_until: datetime, now: datetime) -> int:
    """How many can be taken at `now`."""
    return (now - refilled(rate, spent_until, now)) // rate.interval


def taken(rate: Rate, spent_until: datetime, now: datetime, count: int) -> datetime:
    """The moment after taking `count`, which must not be more than there are."""
    return refilled(rate, spent_until, now) + count * rate.interval


def given_back(rate: Rate, spent_until: datetime, count: int) -> datetime:
    """The moment after giving back `count` of those taken."""
    return spent_until - count * rate.interval


def ready_at(rate: Rate, spent_until: datetime) -> datetime:
    """From when on there is a token."""
    return spent_until + rate.interval
