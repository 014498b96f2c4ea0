"""What the graph names exists, is live and can be asked: messages, lists, kinds of event, segments, rules."""

from __future__ import annotations

from collections.abc import Iterable

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
            yield from _event_problems(reference, known)
        case Target.SEGMENT:
            yield from _segment_problems(reference, known)
        case Target.RULE:
            yield from _rule_problems(reference, known)
        case Target.PROPERTY:
            yield from _property_problems(reference, known)
        case Target.PAGE:
            if reference.key not in known.pages:
                text = _("There is no page with the id %(key)s: choose another one.")
                yield Problem(*place, "unknown_page", text % {"key": reference.key})
        case _:
            return  # what other channels than e-mail need: see `channels_exist`


def _event_problems(reference: Reference, known: References) -> Iterable[Problem]:
    if reference.key not in known.event_kinds:
        text = _("There is no kind of event “%(key)s”: write one of %(known)s.")
        kinds = ", ".join(sorted(known.event_kinds))
        place = (reference.step, reference.field)
        yield Problem(*place, "unknown_event", text % {"key": reference.key, "known": kinds})


def _message_problems(reference: Reference, known: References) -> Iterable[Problem]:
    message = known.messages.get(reference.key)
    place = (reference.step, reference.field)
    if message is None:
        text = _("There is no e-mail with the identifier %(key)s: choose another one.")
        yield Problem(*place, "unknown_message", text % {"key": reference.key})
    elif not message.is_live:
        text = _("The e-mail “%(name)s” isn't published: publish it first.")
        yield Problem(*place, "message_not_live", text % {"name": message.name})


def _segment_problems(reference: Reference, known: References) -> Iterable[Problem]:
    segment = known.segments.get(reference.key)
    place = (reference.step, reference.field)
    if segment is None:
        text = _("There is no segment with the identifier %(key)s: choose another one.")
        yield Problem(*place, "unknown_segment", text % {"key": reference.key})
    elif segment.is_broken:
        text = _("The segment “%(name)s” can't be asked, so it would hold for nobody: open it to see why.")
        yield Problem(*place, "segment_broken", text % {"name": segment.name})


def _rule_problems(reference: Reference, known: References) -> Iterable[Problem]:
    """Those of the rule itself, each at its place in it."""
    rule = known.rules.get(reference.key)
    for problem in rule.problems if rule is not None else ():
        field = ".".join(part for part in (reference.field, problem.step, problem.field) if part)
        yield Problem(reference.step, field, problem.code, problem.text, problem.is_warning)


def _property_problems(reference: Reference, known: References) -> Iterable[Problem]:
    found = known.properties.get(reference.key)
    place = (reference.step, reference.field)
    if found is None:
        text = _("There is no property “%(name)s”: write one of %(known)s.")
        names = ", ".join(sorted(known.properties))
        yield Problem(*place, "unknown_property", text % {"name": reference.key, "known": names})
    elif reference.type not in ("", found.type):
        text = _("The property “%(name)s” isn't of the type that is needed here: choose another one.")
        yield Problem(*place, "wrong_type", text % {"name": found.label})
