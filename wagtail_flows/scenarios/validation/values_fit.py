"""A value that a step sets is of the type of its property."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.steps.update_property import How, UpdateProperty
from wagtail_flows.scenarios.values import typed


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """A property that isn't known has a problem of its own."""
    for step in graph.steps:
        if not isinstance(step, UpdateProperty) or step.how not in (How.SET, How.ADD):
            continue
        found = known.properties.get(step.name)
        if found is not None and typed(found.type, step.value) is None:
            text = _("“%(value)s” can't be a value of “%(property)s”: write another one.")
            yield Problem(step.id, "value", "wrong_value", text % {"value": step.value, "property": found.label})
