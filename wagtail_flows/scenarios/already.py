"""Whom a trigger would have brought in already: what publishing with “also who matches now” selects.

Each selection names the subject and the occasion that the trigger's re-entry rule makes the key from. A subscription
has the occasion of the event that told of it, where that is known; a value always that of its property. Who came in
before about the same thing isn't brought in by what has no event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HadEvent:
    """Contacts with a recorded event that the trigger matches: each such event, with the key it would have had."""


@dataclass(frozen=True)
class Subscribed:
    """Contacts subscribed now to one of these lists (public ids; empty: to any), one entry for each list.

    Subject: `list:<public id>`; occasion: that of the event, else `subscribed:<public id>`.
    """

    lists: tuple[str, ...]


@dataclass(frozen=True)
class InSegment:
    """Contacts in the segment (public id) now. Subject and occasion: `segment:<public id>`."""

    segment: str


@dataclass(frozen=True)
class HasValue:
    """Contacts whose property (its name) has this value (None: any). Subject and occasion: `property:<name>`."""

    name: str
    value: Any = None


@dataclass(frozen=True)
class OnItsDay:
    """Contacts whose day is today, in their zone, with the key of the day."""


@dataclass(frozen=True)
class Nobody:
    """Nobody: what starts this happens once, or is done by hand."""


Already = HadEvent | Subscribed | InSegment | HasValue | OnItsDay | Nobody
