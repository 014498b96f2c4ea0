"""From every step an end can be come to: an exit, the end of a path, or a loop that takes time."""

from __future__ import annotations

from collections.abc import Container, Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.triggers.list import SUBSCRIBED
from wagtail_flows.scenarios.walking import in_loops, leading_to


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """Outlets that lead nowhere have a problem of their own; here they count as an end, so that one mistake is told
    once. Round a loop that takes time people may go until an exit rule takes them out; where none does, that is a
    warning.
    """
    ends = [step.id for step in graph.steps if _ends(step.outlets.values(), graph)]
    looping = in_loops(graph, through=lambda _step: True)
    resting = [step.id for step in graph.steps if step.passes_time and step.id in looping]
    ending = leading_to(graph, [*ends, *resting])
    for step in graph.steps:
        if step.id not in ending:
            text = _("No path from this step ends: lead one to an exit.")
            yield Problem(step.id, "", "never_ends", text)
    if not _lets_out(graph):
        yield from _staying(resting, leading_to(graph, ends))


def _staying(resting: Iterable[str], leaving: Container[str]) -> Iterable[Problem]:
    for identifier in resting:
        if identifier not in leaving:
            text = _("Nobody gets out of this loop: add an exit rule, or lead a path to an exit.")
            yield Problem(identifier, "", "nobody_gets_out", text, is_warning=True)


def _lets_out(graph: Graph) -> bool:
    """Whether people may leave wherever they are: by a rule, or by unsubscribing from the list that it hangs on."""
    lists = graph.mailing_lists()
    by_list = any(SUBSCRIBED in trigger.event_kinds() for trigger in graph.triggers)
    return bool(graph.exits) or by_list or (len(lists) == 1 and None not in lists)


def _ends(targets: Iterable[str], graph: Graph) -> bool:
    return all(target not in graph.by_id for target in targets)
