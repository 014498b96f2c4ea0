"""What a graph names outside of itself, and what is known about it. Pure: the values are handed in from `catalogue`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Target(StrEnum):
    MESSAGE = "message"
    MAILING_LIST = "list"
    EVENT_KIND = "event"


@dataclass(frozen=True)
class Reference:
    """`step` (id of the step or trigger) names `key` in its `field`: a message by translation key, a list by public id,
    an event kind by name.
    """

    step: str
    field: str
    target: Target
    key: str


@dataclass(frozen=True)
class KnownMessage:
    """`needs_list`: its legal basis is a subscription, so it can only go to people of a list."""

    name: str
    is_live: bool = True
    needs_list: bool = False


@dataclass(frozen=True)
class KnownEventKind:
    """`fields`: names found in the data of such events; empty where nobody said."""

    label: str
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True)
class References:
    """All that a graph may name, by key."""

    messages: Mapping[str, KnownMessage] = field(default_factory=dict)
    mailing_lists: Mapping[str, str] = field(default_factory=dict)
    event_kinds: Mapping[str, KnownEventKind] = field(default_factory=dict)

    def name_of(self, target: Target, key: str) -> str:
        """The name people know it by; the key itself where it isn't known."""
        match target:
            case Target.MESSAGE:
                return self.messages[key].name if key in self.messages else key
            case Target.MAILING_LIST:
                return self.mailing_lists.get(key, key)
            case Target.EVENT_KIND:
                return str(self.event_kinds[key].label) if key in self.event_kinds else key
