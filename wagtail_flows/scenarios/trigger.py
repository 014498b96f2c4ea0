"""Trigger: what starts an enrollment. Subclass it once per kind, in `triggers/` or in your own package (hook
`register_flows_trigger`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from wagtail_flows.scenarios import reentry as rules
from wagtail_flows.scenarios.already import Already, Nobody
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import Often, Past, Reentry
from wagtail_flows.scenarios.references import Reference, References
from wagtail_flows.scenarios.situation import EventSnapshot


@dataclass(frozen=True, kw_only=True)
class Trigger(ABC):
    """A frozen value. `reentry`: how often one contact may come in by it.

    One that listens to events is asked only about those of `event_kinds()`; one that doesn't is swept, or called.
    """

    kind: ClassVar[str]
    label: ClassVar[Any]

    id: str
    reentry: Reentry = Often.EVERY_TIME

    @classmethod
    @abstractmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        """Make one from JSON. Asks `fields` for its own fields only; wrong ones are noted there."""

    @abstractmethod
    def write(self) -> dict[str, Any]:
        """Its own fields as JSON, so that reading them again makes an equal trigger."""

    @abstractmethod
    def sentence(self, names: References) -> str:
        """What starts it, in translated words."""

    def event_kinds(self) -> frozenset[str]:
        """The kinds of event that may start it."""
        return frozenset()

    def matches(self, event: EventSnapshot) -> bool:
        """Whether this event starts an enrollment."""
        return False

    def entry_key(self, event: EventSnapshot, past: Past) -> str | None:
        """At most 200 characters; None: the contact may not come in now. The same contact enters the same scenario once
        per key.
        """
        return self.key_for(event.subject, f"event:{event.id}", past)

    def key_for(self, subject: str, occasion: str, past: Past) -> str | None:
        """The same for what is no event: about `subject`, at an `occasion` that tells two of them apart."""
        return rules.entry_key(self.reentry, subject, occasion, past)

    def already(self) -> Already:
        """Whom it would have brought in, had it been there before."""
        return Nobody()

    def references(self) -> Iterable[Reference]:
        """What it names outside of the graph."""
        return ()
