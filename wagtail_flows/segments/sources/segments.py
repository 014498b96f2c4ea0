"""Fields about other segments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.lib.problems import Problem
from wagtail_flows.segments.compiling import NOBODY, Scope
from wagtail_flows.segments.fields import Field
from wagtail_flows.segments.membership import condition, matching
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause, RuleInvalid


FIELDS = (
    Field(
        "segment.member", gettext_lazy("segment"), gettext_lazy("Segments"), FieldType.MEMBERSHIP, refers_to="segment"
    ),
)


class SegmentSource:
    def fields(self) -> Iterable[Field]:
        return FIELDS

    def q(self, clause: Clause, scope: Scope) -> Q:
        return reduce(or_, (_condition(segment, scope) for segment in _named(clause)), NOBODY)

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        seen: dict[int, list[str]] = {}
        for segment in _named(clause):
            for contact_id in matching(segment, contact_ids):
                seen.setdefault(contact_id, []).append(segment.name)
        return seen


def _condition(segment: Segment, scope: Scope) -> Q:
    """What is wrong inside another segment stands in that one's rule, not in this one's: here it is the segment that
    can't be asked.
    """
    try:
        return condition(segment, scope)
    except RuleInvalid as invalid:
        circle = next((problem for problem in invalid.problems if problem.code == "circle"), None)
        told = _("The segment “%(name)s” can't be asked: open it to see why.") % {"name": segment.name}
        broken = Problem("", "value", "segment_broken", told)
        raise RuleInvalid((replace(circle, step="") if circle else broken,)) from invalid


def _named(clause: Clause) -> list[Segment]:
    return list(Segment.objects.filter(public_id__in=clause.chosen()))
