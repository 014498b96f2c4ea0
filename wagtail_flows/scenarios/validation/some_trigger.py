"""Something starts it: without a trigger nobody would ever come in."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References


def check(graph: Graph, known: References) -> Iterable[Problem]:
    if not graph.triggers:
        yield Problem("", "triggers", "no_trigger", _("Nothing starts this scenario: add a trigger."))
