"""An e-mail that only subscribers of a list may get is sent for a list: the step's own, or the one of the event."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References, Target
from wagtail_flows.scenarios.trigger import Trigger


LIST = "list"
# It names the list that somebody is a subscriber of no more.
LEFT = "list.unsubscribed"


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """Events of a kind that nobody described are taken to name a list; what starts without any event names none."""
    if all(_names_list(trigger, known) for trigger in graph.triggers):
        return
    left = any(LEFT in trigger.event_kinds() for trigger in graph.triggers)
    references = list(graph.references())
    with_list = {reference.step for reference in references if reference.target is Target.MAILING_LIST}
    for reference in references:
        message = known.messages.get(reference.key) if reference.target is Target.MESSAGE else None
        if message is not None and message.needs_list and reference.step not in with_list:
            if left:
                text = _(
                    "“%(name)s” is for subscribers of a list, but a trigger brings in who left theirs: choose a list."
                )
            else:
                text = _("“%(name)s” is for subscribers of a list, but nothing here names one: choose a list.")
            yield Problem(reference.step, LIST, "list_missing", text % {"name": message.name})


def _names_list(trigger: Trigger, known: References) -> bool:
    if LEFT in trigger.event_kinds():
        return False
    kinds = [known.event_kinds.get(kind) for kind in trigger.event_kinds()]
    return bool(kinds) and all(kind is None or not kind.fields or LIST in kind.fields for kind in kinds)
