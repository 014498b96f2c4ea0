"""What the graph names exists: messages, lists, kinds of event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import Reference, References, Target


def check(graph: Graph, known: References) -> Iterable[Problem]:
    for reference in graph.references():
        yield from _problems(reference, known)


def _problems(reference: Reference, known: References) -> Iterable[Problem]:
    place = (reference.step, reference.field)
    match reference.target:
        case Target.MESSAGE:
            yield from _message_problems(reference, known)
        case Target.MAILING_LIST:
            if reference.key not in known.mailing_lists:
                text = _("There is no list with the identifier %(key)s: choose another one.")
                yield Problem(*place, "unknown_list", text % {"key": reference.key})
        case Target.EVENT_KIND:
            if reference.key not in known.event_kinds:
                text = _("There is no kind of event “%(key)s”. Known are: %(known)s.")
                kinds = ", ".join(sorted(known.event_kinds))
                yield Problem(*place, "unknown_event", text % {"key": reference.key, "known": kinds})
        case _:
            assert_never(reference.target)


def _message_problems(reference: Reference, known: References) -> Iterable[Problem]:
    message = known.messages.get(reference.key)
    place = (reference.step, reference.field)
    if message is None:
        text = _("There is no e-mail with the identifier %(key)s: choose another one.")
        yield Problem(*place, "unknown_message", text % {"key": reference.key})
    elif not message.is_live:
        text = _("The e-mail “%(name)s” isn't published: publish it before anyone comes here.")
        yield Problem(*place, "message_not_live", text % {"name": message.name}, is_warning=True)
