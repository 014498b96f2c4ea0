"""A question about the data of an event is asked where an event starts it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.steps.split_by_data import SplitByData
from wagtail_flows.scenarios.steps.update_property import How, UpdateProperty


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """A warning, where no trigger is an event: everybody would go the same way."""
    if not graph.triggers or any(trigger.event_kinds() for trigger in graph.triggers):
        return
    for step in graph.steps:
        match step:
            case SplitByData():
                field = "branches"
            case UpdateProperty(how=How.COPY):
                field = "field"
            case _:
                continue
        text = _("No event starts this scenario, so there is no data: ask about the contact, or add an event trigger.")
        yield Problem(step.id, field, "no_data", text, is_warning=True)
