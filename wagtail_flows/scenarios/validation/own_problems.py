"""What a step itself finds wrong in this graph."""

from __future__ import annotations

from collections.abc import Iterable

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References


def check(graph: Graph, known: References) -> Iterable[Problem]:
    for step in graph.steps:
        yield from step.problems(graph)
