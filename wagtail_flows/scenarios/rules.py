"""Rules over contacts that a graph asks, its own and those of segments: what they say, whether they can be asked."""

from __future__ import annotations

import json

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.references import KnownRule, KnownSegment
from wagtail_flows.segments.compiling import Scope, compile_rule
from wagtail_flows.segments.membership import problems_of
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.parsing import parse
from wagtail_flows.segments.references import Named
from wagtail_flows.segments.rules import Group, RuleInvalid
from wagtail_flows.segments.wording import sentence


def read_rule(text: str, scope: Scope) -> Group:
    """The rule of this JSON text, as it can be asked now. Raises RuleInvalid."""
    data = json.loads(text)
    fields = {name: field for name, (field, _source) in scope.answers.items()}
    return parse(data, fields, Named(data))


def known_segments(public_ids: Iterable[str]) -> dict[str, KnownSegment]:
    """What is known about these segments, by public id."""
    found = Segment.objects.filter(public_id__in=list(public_ids))
    return {str(one.public_id): KnownSegment(one.name, bool(problems_of(one))) for one in found}


def known_rules(texts: Iterable[str]) -> dict[str, KnownRule]:
    """What is known about these rules, by their text."""
    return {text: _known_rule(text, Scope()) for text in texts}


def _known_rule(text: str, scope: Scope) -> KnownRule:
    try:
        rule = read_rule(text, scope)
        compile_rule(rule, scope)
    except RuleInvalid as invalid:
        return KnownRule(_("a rule that can't be asked"), invalid.problems)
    fields = {name: field for name, (field, _source) in scope.answers.items()}
    return KnownRule(sentence(rule, fields, Named(json.loads(text))).rstrip("."))
