"""Nobody waits before a question whose answer can't change meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.steps.condition import Condition
from wagtail_flows.scenarios.steps.jump import Jump
from wagtail_flows.scenarios.walking import led_to


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """A warning. A wait that has ways of its own, or after which something is sent or changed, has its own sense."""
    waits = (step for step in graph.steps if step.is_wait and len(set(step.outlets.values())) == 1)
    asked_after_waiting = led_to(graph, waits, through=_lets_time_pass)
    for step in graph.steps:
        if step.asks_the_start and step.id in asked_after_waiting:
            text = _(
                "Waiting doesn't change what started it: put this before the wait, or ask with “%(kind)s” instead."
            )
            yield Problem(step.id, "", "wait_in_vain", text % {"kind": Condition.label}, is_warning=True)


def _lets_time_pass(step: Step) -> bool:
    return step.is_wait or isinstance(step, Jump)
