"""A split whose winner is found by opens, clicks or goals leads to what can be opened, clicked or reached."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.steps.goal import Goal
from wagtail_flows.scenarios.steps.random_split import RandomSplit
from wagtail_flows.scenarios.steps.send_email import SendEmail
from wagtail_flows.scenarios.walking import leading_to
from wagtail_flows.scenarios.winners import By


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """Warnings: it would be a tie for ever. Orders come from outside, so revenue needs nothing."""
    splits = [step for step in graph.steps if isinstance(step, RandomSplit) and step.winner]
    if not splits:
        return
    mails = leading_to(graph, [step.id for step in graph.steps if isinstance(step, SendEmail)])
    goals = leading_to(graph, [step.id for step in graph.steps if isinstance(step, Goal)])
    for split in splits:
        by = split.winner.by if split.winner else By.REVENUE
        targets = set(split.outlets.values())
        if by in (By.OPENS, By.CLICKS) and not targets <= mails:
            text = _("A branch leads to no e-mail, so nothing in it can be opened or clicked: choose another rule.")
            yield Problem(split.id, "winner.by", "winner_without_mail", text, is_warning=True)
        if by is By.GOAL and not targets & goals:
            text = _("No branch leads to a goal, so none can win by it: add a goal, or choose another rule.")
            yield Problem(split.id, "winner.by", "winner_without_goal", text, is_warning=True)
