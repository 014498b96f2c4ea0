"""When a date comes round: once, every year, every month."""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date
from enum import StrEnum
from typing import assert_never


class Repeat(StrEnum):
    ONCE = "once"
    YEARLY = "yearly"
    MONTHLY = "monthly"


def comes_round(known: date, day: date, repeat: Repeat) -> bool:
    """Whether `known` comes round on `day`; not before it first was.

    29 February comes on the 28th in common years; what a month lacks (30, 31) comes on its last day.
    """
    if day < known:
        return False
    match repeat:
        case Repeat.ONCE:
            return known == day
        case Repeat.YEARLY:
            return (known.month, known.day) in yearly_days(day)
        case Repeat.MONTHLY:
            return known.day in monthly_days(day)
        case _:
            assert_never(repeat)


def yearly_days(day: date) -> tuple[tuple[int, int], ...]:
    """The (month, day) that come round on `day`."""
    own = (day.month, day.day)
    return (own, (2, 29)) if own == (2, 28) and not isleap(day.year) else (own,)


def monthly_days(day: date) -> tuple[int, ...]:
    """The days of a month that come round on `day`."""
    last = monthrange(day.year, day.month)[1]
    return tuple(range(day.day, 32)) if day.day == last else (day.day,)


def name_of(day: date, repeat: Repeat) -> str:
    """What tells this time from all others: `2026-05-01`, `2026`, `2026-05`."""
    match repeat:
        case Repeat.ONCE:
            return day.isoformat()
        case Repeat.YEARLY:
            return f"{day.year:04}"
        case Repeat.MONTHLY:
            return f"{day.year:04}-{day.month:02}"
        case _:
            assert_never(repeat)
