"""What must happen to the same subject is asked where a trigger brings a subject."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.steps.wait_for_event import WaitForEvent


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """A warning, where no trigger is an event: no order, no list is the subject of what a date or a person started."""
    if not graph.triggers or any(trigger.event_kinds() for trigger in graph.triggers):
        return
    text = _("No event starts this scenario, so nothing is its subject: write “same_subject”: false.")
    for position, rule in enumerate(graph.exits):
        if rule.same_subject:
            yield Problem("", f"exits.{position}.same_subject", "no_subject", text, is_warning=True)
    for step in graph.steps:
        if isinstance(step, WaitForEvent) and step.same_subject:
            yield Problem(step.id, "same_subject", "no_subject", text, is_warning=True)
