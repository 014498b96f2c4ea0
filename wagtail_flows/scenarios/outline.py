"""The outline: a graph as a list of sentences, each with its problems beside it, branches below the step they leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.graph import Graph, read
from wagtail_flows.scenarios.problems import located
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.step import Step


MAX_LEVEL = 8
MAIN_OUTLET = "next"


@dataclass(frozen=True)
class Line:
    """One step (or trigger, or exit rule) in words. `id` "" where it has none."""

    id: str
    text: str
    problems: tuple[Problem, ...] = ()
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Branch:
    """A path that leaves a step by another outlet than the main one."""

    outlet: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Outlined:
    """`elsewhere`: paths that don't begin at the start; `general`: located problems that belong to no line."""

    triggers: tuple[Line, ...]
    audience: tuple[Line, ...]
    exits: tuple[Line, ...]
    steps: tuple[Line, ...]
    elsewhere: tuple[tuple[Line, ...], ...]
    general: tuple[tuple[str, Problem], ...]


def outlined(graph: Any, plan: Any = None) -> Outlined:
    """The outline of a graph's JSON, of any shape; what can't be read is told among the problems."""
    readable = read(graph).graph
    problems = problems_of(graph, {} if plan is None else plan)
    known = catalogue.known(readable.references())
    writer = _Writer(readable, known, _by_step(problems))
    steps = writer.path(readable.start)
    elsewhere = tuple(path for step in readable.steps if (path := writer.path_of_its_own(step.id)))
    shown = {trigger.id for trigger in readable.triggers} | set(readable.by_id)
    return Outlined(
        triggers=tuple(Line(one.id, one.sentence(known), writer.problems_at(one.id)) for one in readable.triggers),
        audience=(Line("", readable.audience.sentence(known)),) if readable.audience else (),
        exits=tuple(Line("", rule.sentence(known)) for rule in readable.exits),
        steps=steps,
        elsewhere=elsewhere,
        general=tuple((located(problem), problem) for problem in problems if problem.step not in shown),
    )


def _by_step(problems: Iterable[Problem]) -> dict[str, tuple[Problem, ...]]:
    found: dict[str, tuple[Problem, ...]] = {}
    for problem in problems:
        found[problem.step] = (*found.get(problem.step, ()), problem)
    return found


@dataclass
class _Writer:
    """Writes each step once; where a path joins one that is written already, it says so and ends."""

    graph: Graph
    known: References
    problems: Mapping[str, tuple[Problem, ...]]
    written: set[str] = field(default_factory=set)

    def problems_at(self, identifier: str) -> tuple[Problem, ...]:
        return self.problems.get(identifier, ())

    def path_of_its_own(self, start: str) -> tuple[Line, ...]:
        """The path from `start`, or nothing where it is written already."""
        return () if start in self.written else self.path(start)

    def path(self, start: str, level: int = 1) -> tuple[Line, ...]:
        """The path from `start` along the main outlets, then the branches that leave it."""
        trunk, joined = self._trunk(start)
        lines = [
            Line(step.id, step.sentence(self.known), self.problems_at(step.id), self._branches(step, level))
            for step in trunk
        ]
        if joined:
            lines.append(Line("", _("Go on with step %(id)s") % {"id": joined}))
        return tuple(lines)

    def _trunk(self, start: str) -> tuple[list[Step], str]:
        """The steps of the path, marked as written, and the id of the written step that it runs into ("" for none)."""
        trunk: list[Step] = []
        current = start
        while current in self.graph.by_id and current not in self.written:
            self.written.add(current)
            step = self.graph.by_id[current]
            trunk.append(step)
            current = step.outlets.get(MAIN_OUTLET, "")
        return trunk, current if current in self.graph.by_id else ""

    def _branches(self, step: Step, level: int) -> tuple[Branch, ...]:
        return tuple(
            Branch(outlet, self._branch(target, level))
            for outlet, target in step.outlets.items()
            if outlet != MAIN_OUTLET and target in self.graph.by_id
        )

    def _branch(self, target: str, level: int) -> tuple[Line, ...]:
        """Too deep a branch is only named here, and written as a path of its own further down."""
        if level < MAX_LEVEL:
            return self.path(target, level + 1)
        return (Line("", _("Go on with step %(id)s") % {"id": target}),)


class Outline(Component):
    """The outline of a graph as a part of any admin page: `{% component outline %}`."""

    template_name = "wagtail_flows/scenarios/outline.html"

    def __init__(self, graph: Any, plan: Any = None) -> None:
        self.graph = graph
        self.plan = plan

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"outline": outlined(self.graph, self.plan)}

    class Media:
        css = {"all": ["wagtail_flows/css/scenarios.css"]}
