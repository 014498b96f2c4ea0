"""How facts that come late, twice and in any order become one state.

What is known is a map from field to (rank, at, value): who said it, when, what. Merging takes the greater of two such
claims, so it is commutative, associative and idempotent: the state depends on the set of messages, not on their order.
The columns of the tables are read off this map and never the other way round. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any


# {"status": [1, "2026-11-21T17:18:47.523950+00:00", "fulfilled"]}: fit for a JSON column.
Known = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Claim:
    """One field as one message told it, at `at`. The higher rank wins, then the newer; `is_first`: the older wins."""

    field: str
    value: Any
    at: datetime
    rank: int = 1
    is_first: bool = False


def merged(known: Known, claims: Iterable[Claim]) -> dict[str, list[Any]]:
    """What is known after these claims. A value of None claims nothing."""
    after = dict(known)
    for claim in claims:
        if claim.value is None:
            continue
        new = [claim.rank, stamp(claim.at), _plain(claim.value)]
        old = after.get(claim.field)
        if old is None or _wins(new, old, claim.is_first):
            after[claim.field] = new
    return after


def first(field: str, at: datetime) -> Claim:
    """A claim that something had happened by `at`; the earliest such moment is kept."""
    return Claim(field, stamp(at), at, is_first=True)


def value(known: Known, field: str) -> Any:
    """The plain value believed, or None."""
    return known[field][2] if field in known else None


def moment(known: Known, field: str) -> datetime | None:
    told = value(known, field)
    return datetime.fromisoformat(told) if told is not None else None


def said_at(known: Known, field: str) -> datetime | None:
    """When the believed value was told."""
    return datetime.fromisoformat(known[field][1]) if field in known else None


def stamp(at: datetime) -> str:
    """Aware time as text that sorts like the time itself."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _wins(new: list[Any], old: list[Any], is_first: bool) -> bool:
    if is_first:
        return bool(new[1] < old[1])
    # Of two values told at the same moment the greater text wins: arbitrary, but the same whichever came first.
    return (new[0], new[1], repr(new[2])) > (old[0], old[1], repr(old[2]))


def _plain(told: Any) -> Any:
    if isinstance(told, datetime):
        return stamp(told)
    if isinstance(told, Decimal):
        return str(told)
    return [list(pair) for pair in told] if isinstance(told, tuple) else told
