"""A published page names no contact: who comes in is the audience."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.triggers.page_published import PageTrigger


def check(graph: Graph, known: References) -> Iterable[Problem]:
    if graph.audience is not None:
        return
    for trigger in graph.triggers:
        if isinstance(trigger, PageTrigger):
            text = _("A page names nobody: add an “audience” that says who comes in.")
            yield Problem(trigger.id, "", "audience_missing", text)
