"""A value that a step sets, or a trigger waits for, is of the type of its property."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.steps.update_property import How, UpdateProperty
from wagtail_flows.scenarios.triggers.property_changed import PropertyTrigger
from wagtail_flows.scenarios.values import typed


TO = "to"


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """A property that isn't known has a problem of its own."""
    for place, name, value in (*_set_by_steps(graph), *_waited_for(graph)):
        found = known.properties.get(name)
        if found is not None and not _fits(found.type, value, is_compared=place[1] == TO):
            text = _("“%(value)s” can't be a value of “%(property)s”: write another one.")
            yield Problem(*place, "wrong_value", text % {"value": value, "property": found.label})


def _set_by_steps(graph: Graph) -> Iterator[tuple[tuple[str, str], str, Any]]:
    for step in graph.steps:
        if isinstance(step, UpdateProperty) and step.how in (How.SET, How.ADD):
            yield (step.id, "value"), step.name, step.value


def _waited_for(graph: Graph) -> Iterator[tuple[tuple[str, str], str, Any]]:
    for trigger in graph.triggers:
        if isinstance(trigger, PropertyTrigger) and trigger.to is not None:
            yield (trigger.id, TO), trigger.name, trigger.to


def _fits(kind: str, value: Any, *, is_compared: bool) -> bool:
    """What is compared with must be written as the events of the property tell it; what is set may be said in words."""
    found = typed(kind, value)
    match found:
        case bool() if is_compared:
            return isinstance(value, bool)
        case date() if is_compared:
            return found.isoformat() == value
        case _:
            return found is not None
