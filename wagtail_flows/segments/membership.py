"""The questions that a segment answers: who, how many, which of these, and why.

A segment that can't be asked (a field, a list or a property is gone, or it asks itself in a circle) matches nobody,
alone and inside other segments. `problems_of` says why, and every page that shows the segment shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.among import among
from wagtail_flows.lib.problems import Problem
from wagtail_flows.segments import kept
from wagtail_flows.segments.compiling import NOBODY, AnsweredFields, Scope, compile_rule
from wagtail_flows.segments.models import Segment, SegmentMember
from wagtail_flows.segments.parsing import parse
from wagtail_flows.segments.references import Checked
from wagtail_flows.segments.rules import Clause, Group, Rule, RuleInvalid, clauses, dump


def rule_of(segment: Segment, scope: Scope) -> Group:
    """The typed rule of a segment. Raises RuleInvalid."""
    return parse(segment.rule, AnsweredFields(scope.answers), Checked(segment.rule, scope.existing))


def condition(segment: Segment, scope: Scope) -> Q:
    """The Q of a segment over contacts. Raises RuleInvalid, also for a circle of segments."""
    if segment.kind == Segment.Kind.STATIC:
        return Q(Exists(SegmentMember.objects.filter(segment=segment, contact_id=OuterRef("pk"))))
    if str(segment.public_id) in scope.inside:
        raise RuleInvalid((Problem("", "", "circle", _("This segment asks itself in a circle.")),))
    inner = _inside(segment, scope)
    return compile_rule(rule_of(segment, inner), inner)


def _inside(segment: Segment, scope: Scope) -> Scope:
    return replace(scope, inside=(*scope.inside, str(segment.public_id)))


def problems_of(segment: Segment, scope: Scope | None = None) -> tuple[Problem, ...]:
    """Why the segment can't be asked; empty when it can. `scope` spares looking the fields up for each of many."""
    try:
        condition(segment, scope or Scope())
    except RuleInvalid as invalid:
        return invalid.problems
    return ()


def who(segment: Segment, scope: Scope) -> Q:
    """The condition of a segment over contacts; nobody where it can't be asked."""
    try:
        return condition(segment, scope)
    except RuleInvalid:
        return NOBODY


def _asked(segment: Segment, scope: Scope) -> QuerySet[Contact]:
    return Contact.objects.filter(who(segment, scope))


def members(segment: Segment) -> QuerySet[Contact]:
    """Everybody in the segment now, as a queryset of contacts."""
    return _asked(segment, Scope())


def matching(segment: Segment, contact_ids: Sequence[int]) -> set[int]:
    """Which of these contacts are in the segment; costs what the batch is, not what the table is."""
    scope = Scope(ids=tuple(contact_ids))
    if segment.kind == Segment.Kind.STATIC:
        return _among_these(who(segment, scope), contact_ids)
    inner = _inside(segment, scope)
    try:
        return _matching(rule_of(segment, inner), inner, contact_ids)
    except RuleInvalid:
        return set()


def matching_rule(rule: Rule, contact_ids: Sequence[int], inside: tuple[str, ...] = ()) -> set[int]:
    """Which of these contacts a rule holds for. `inside`: the public ids of the segments that it is the rule of."""
    return _matching(rule, Scope(ids=tuple(contact_ids), inside=inside), contact_ids)


def _matching(rule: Rule, scope: Scope, contact_ids: Sequence[int]) -> set[int]:
    found = kept.asked(rule, scope)
    return _among_these(compile_rule(rule, scope), contact_ids) if found is None else found


def _among_these(asked: Q, contact_ids: Sequence[int]) -> set[int]:
    return set(Contact.objects.filter(asked, among("pk", contact_ids)).order_by().values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule and whether it held for a contact; for a clause with the values that decided, for a group with its
    parts.
    """

    rule: Rule
    held: bool
    seen: Any = None
    parts: tuple[Explained, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same, fit for JSON: dates and decimals as text."""
        if isinstance(self.rule, Clause):
            return {"rule": dump(self.rule), "held": self.held, "seen": json_safe(self.seen)}
        return {"match": self.rule.match, "held": self.held, "parts": [part.as_json() for part in self.parts]}


def json_safe(value: Any) -> Any:
    """A value that decided, as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(name): json_safe(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def explain(segment: Segment, contact: Contact) -> Explained:
    """Which clauses held for this contact, with the values seen. Raises RuleInvalid."""
    if segment.kind == Segment.Kind.STATIC:
        return Explained(Group("all", ()), bool(matching(segment, [contact.pk])))
    scope = Scope(ids=(contact.pk,), inside=(str(segment.public_id),))
    rule = rule_of(segment, scope)
    return _explained(rule, _held(rule, contact, scope), contact, scope)


def _held(rule: Group, contact: Contact, scope: Scope) -> dict[Clause, bool]:
    """Every clause answered in one query."""
    asked = list(dict.fromkeys(clauses(rule)))
    columns = {
        f"clause_{number}": Case(
            When(compile_rule(clause, scope), then=Value(True)), default=Value(False), output_field=BooleanField()
        )
        for number, clause in enumerate(asked)
    }
    row = Contact.objects.filter(pk=contact.pk).values_list(*columns.values()).get() if columns else ()
    return dict(zip(asked, row, strict=True))


def _explained(rule: Rule, held: dict[Clause, bool], contact: Contact, scope: Scope) -> Explained:
    if isinstance(rule, Clause):
        _field, source = scope.answers[rule.field]
        return Explained(rule, held[rule], source.seen(rule, [contact.pk], scope).get(contact.pk))
    parts = tuple(_explained(inner, held, contact, scope) for inner in rule.rules)
    return Explained(rule, _combined(rule, [part.held for part in parts]), None, parts)


def _combined(group: Group, held: list[bool]) -> bool:
    match group.match:
        case "all":
            return all(held)
        case "any":
            return any(held)
        case "none":
            return not any(held)


def by_public_id(public_id: str | UUID) -> Segment | None:
    return Segment.objects.filter(public_id=public_id).first()
