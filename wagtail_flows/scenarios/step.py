"""Step: a box of the graph. Subclass it once per kind, in a file of `steps/` or in your own package (hook
`register_flows_step`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from wagtail_flows.scenarios.outcomes import Outcome
from wagtail_flows.scenarios.problems import Problem
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References
from wagtail_flows.scenarios.situation import Question, Situation


if TYPE_CHECKING:
    from wagtail_flows.scenarios.graph import Graph


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """A frozen value. `outlets` maps the names of its ways out to the ids of the steps they lead to.

    `required_outlets` must all be wired, `optional_outlets` may be. A kind without any ends the path. `passes_time`:
    nobody runs through it at once, so a loop may pass it. `is_wait`: it does nothing but let time pass.
    `asks_the_start`: what it decides hangs only on what was known when the contact came in. `is_personal`: it may look
    at who the contact is (`Situation.contact`); where a kind says it doesn't, contacts in equal situations are decided
    about together. `keeps_moment`: the moment for which it first waits holds (`Situation.kept_until`), since what is
    known of the contact later might choose another.
    """

    kind: ClassVar[str]
    label: ClassVar[Any]
    required_outlets: ClassVar[tuple[str, ...]] = ("next",)
    optional_outlets: ClassVar[tuple[str, ...]] = ()
    is_wait: ClassVar[bool] = False
    asks_the_start: ClassVar[bool] = False
    is_personal: ClassVar[bool] = True
    keeps_moment: ClassVar[bool] = False

    id: str
    outlets: Mapping[str, str]

    @classmethod
    @abstractmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        """Make one from JSON. Asks `fields` for its own fields only; wrong ones are noted there and the step is thrown
        away.
        """

    @abstractmethod
    def write(self) -> dict[str, Any]:
        """Its own fields as JSON, so that reading them again makes an equal step."""

    @abstractmethod
    def decide(self, situation: Situation) -> Outcome:
        """What to do now. Pure: no database, no clock."""

    @abstractmethod
    def sentence(self, names: References) -> str:
        """What it does, in translated words, for the outline."""

    @property
    def passes_time(self) -> bool:
        """Whether each passage takes time, however often it is passed; a loop needs such a step."""
        return False

    @property
    def asks_the_event(self) -> bool:
        """Whether what it decides, be it a moment only, hangs on the event that started the enrollment."""
        return self.asks_the_start

    def must_lead(self) -> tuple[str, ...]:
        """The outlets of this very step that must be wired; of most kinds the same for all."""
        return self.required_outlets

    def may_lead(self) -> tuple[str, ...]:
        """The outlets of this very step that may be wired."""
        return self.optional_outlets

    def problems(self, graph: Graph) -> Iterable[Problem]:
        """What is wrong with it in this graph, apart from what the general rules find."""
        return ()

    def questions(self) -> tuple[Question, ...]:
        """What it must know about the contact to decide."""
        return ()

    def references(self) -> Iterable[Reference]:
        """What it names outside of the graph."""
        return ()
