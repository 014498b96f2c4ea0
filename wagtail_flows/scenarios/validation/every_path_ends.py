"""From every step an end can be come to."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.walking import leading_to


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """Outlets that lead nowhere have a problem of their own; here they count as an end, so that one mistake is told
    once.
    """
    ending = leading_to(graph, (step.id for step in graph.steps if _ends(step.outlets.values(), graph)))
    for step in graph.steps:
        if step.id not in ending:
            text = _("No path from this step ends: lead one to an exit.")
            yield Problem(step.id, "", "never_ends", text)


def _ends(targets: Iterable[str], graph: Graph) -> bool:
    return all(target not in graph.by_id for target in targets)
