"""What is asked of the data of an event is something that such events tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.filters import Where
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.steps.split_by_data import SplitByData
from wagtail_flows.scenarios.steps.update_property import How, UpdateProperty
from wagtail_flows.scenarios.steps.wait_for_event import WaitForEvent
from wagtail_flows.scenarios.triggers.event import EventTrigger


@dataclass(frozen=True)
class _Asked:
    """These names are asked of events of any of these kinds, by this field of this step or trigger."""

    step: str
    field: str
    names: tuple[str, ...]
    kinds: frozenset[str]


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """A warning: whoever records events may tell more than was described. Kinds that nobody described tell anything."""
    for asked in (*_asked_by_triggers(graph), *_asked_by_exits(graph), *_asked_by_steps(graph)):
        told = _told(asked.kinds, known)
        for name in asked.names:
            if told is not None and name not in told:
                text = _("Such events don't tell “%(name)s”: write one of %(known)s.")
                values = {"name": name, "known": ", ".join(sorted(told))}
                yield Problem(asked.step, asked.field, "data_not_told", text % values, is_warning=True)


def _told(kinds: Iterable[str], known: References) -> frozenset[str] | None:
    """What at least one of these kinds tells; None where that can be anything."""
    found = [known.event_kinds[kind].fields if kind in known.event_kinds else frozenset() for kind in kinds]
    return frozenset().union(*found) if found and all(found) else None


def _asked_by_triggers(graph: Graph) -> Iterator[_Asked]:
    for trigger in graph.triggers:
        if isinstance(trigger, EventTrigger):
            yield _Asked(trigger.id, "where", _names(trigger.where), trigger.event_kinds())


def _asked_by_exits(graph: Graph) -> Iterator[_Asked]:
    for position, rule in enumerate(graph.exits):
        yield _Asked("", f"exits.{position}.where", _names(rule.where), frozenset({rule.event}))


def _asked_by_steps(graph: Graph) -> Iterator[_Asked]:
    starting = frozenset(kind for trigger in graph.triggers for kind in trigger.event_kinds())
    for step in graph.steps:
        yield from _asked_by_step(step, starting)


def _asked_by_step(step: Step, starting: frozenset[str]) -> Iterator[_Asked]:
    match step:
        case WaitForEvent():
            yield _Asked(step.id, "where", _names(step.where), frozenset({step.event}))
        case UpdateProperty(how=How.COPY):
            yield _Asked(step.id, "field", (step.field,), starting)
        case SplitByData():
            for position, branch in enumerate(step.branches):
                yield _Asked(step.id, f"branches.{position}.where", _names(branch.where), starting)


def _names(where: Where) -> tuple[str, ...]:
    return tuple(dict.fromkeys(test.name for test in where))
