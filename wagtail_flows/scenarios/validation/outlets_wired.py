"""Every outlet that a step must have leads to a step, and it has no others than its kind knows."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.step import Step


def check(graph: Graph, known: References) -> Iterable[Problem]:
    for step in graph.steps:
        yield from _missing(step)
        yield from _leading_nowhere(step, graph)


def _missing(step: Step) -> Iterable[Problem]:
    for outlet in step.must_lead():
        if outlet not in step.outlets:
            text = _("The outlet “%(outlet)s” leads nowhere: name the step that follows.")
            yield Problem(step.id, f"outlets.{outlet}", "outlet_missing", text % {"outlet": outlet})


def _leading_nowhere(step: Step, graph: Graph) -> Iterable[Problem]:
    for outlet, target in step.outlets.items():
        place = f"outlets.{outlet}"
        if outlet not in (*step.must_lead(), *step.may_lead()):
            text = _("This kind of step has no outlet “%(outlet)s”: remove it.")
            yield Problem(step.id, place, "outlet_unknown", text % {"outlet": outlet})
        elif target not in graph.by_id:
            text = _("The outlet “%(outlet)s” leads to “%(id)s”, but no step has this id: name one that is there.")
            yield Problem(step.id, place, "outlet_dangling", text % {"outlet": outlet, "id": target})
