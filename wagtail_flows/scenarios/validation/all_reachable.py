"""Every step can be come to from the start."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.walking import reachable


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """Says nothing without a start: then nothing could be reached, and that has its own problem."""
    if graph.start not in graph.by_id:
        return
    reached = set(reachable(graph))
    for step in graph.steps:
        if step.id not in reached:
            text = _("No path leads to this step: lead an outlet to it, or remove it.")
            yield Problem(step.id, "", "unreachable", text)
