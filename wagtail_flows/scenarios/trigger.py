"""Trigger: what starts an enrollment. Subclass it once per kind, in `triggers/` or in your own package (hook
`register_flows_trigger`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References
from wagtail_flows.scenarios.situation import EventSnapshot


@dataclass(frozen=True, kw_only=True)
class Trigger(ABC):
    """A frozen value. The engine asks it only about events of `event_kinds()`."""

    kind: ClassVar[str]
    label: ClassVar[Any]

    id: str

    @classmethod
    @abstractmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        """Make one from JSON. Asks `fields` for its own fields only; wrong ones are noted there."""

    @abstractmethod
    def write(self) -> dict[str, Any]:
        """Its own fields as JSON, so that reading them again makes an equal trigger."""

    @abstractmethod
    def event_kinds(self) -> frozenset[str]:
        """The kinds of event that may start it."""

    @abstractmethod
    def matches(self, event: EventSnapshot) -> bool:
        """Whether this event starts an enrollment."""

    @abstractmethod
    def entry_key(self, event: EventSnapshot) -> str:
        """At most 200 characters. The same contact enters the same scenario once per key."""

    @abstractmethod
    def sentence(self, names: References) -> str:
        """What starts it, in translated words."""

    def references(self) -> Iterable[Reference]:
        """What it names outside of the graph."""
        return ()
