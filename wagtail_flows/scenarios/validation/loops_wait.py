"""A loop passes a step that takes time, or else people would run round in it without end."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.walking import in_loops


def check(graph: Graph, known: References) -> Iterable[Problem]:
    running = in_loops(graph, through=lambda step: not step.passes_time)
    for step in graph.steps:
        if step.id in running:
            text = _("This step is part of a loop without a wait: put a wait into the loop.")
            yield Problem(step.id, "", "loop_without_wait", text)
