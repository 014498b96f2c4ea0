"""There is one start, and it is a step."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References


def check(graph: Graph, known: References) -> Iterable[Problem]:
    if graph.start not in graph.by_id:
        text = _("The start is “%(id)s”, but no step has this id: give “start” the id of the first step.")
        yield Problem("", "start", "no_start", text % {"id": graph.start})
