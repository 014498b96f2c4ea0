"""Rule → one query. The same Q answers who is in, how many, which of these, and why.

A source compiles the positive operators of its fields to a Q over contacts that is true or false, never unknown;
opposites are made here by denying it. `Scope` carries what a clause may need: the moment, the site's zone, and the
ids when only a batch is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from wagtail_flows.lib import clock
from wagtail_flows.segments import operators
from wagtail_flows.segments.fields import Field
from wagtail_flows.segments.rules import Clause, Rule
from wagtail_flows.segments.semijoins import joined_all, joined_any


NOBODY = Q(pk__in=())
# Not Q(): joined to another condition with "or", an empty one would vanish.
EVERYBODY = ~NOBODY


class Source(Protocol):
    """Where the answers to some fields come from."""

    def fields(self) -> Iterable[Field]:
        """The fields it answers now (properties come and go)."""
        ...

    def q(self, clause: Clause, scope: Scope) -> Q:
        """Who the clause holds for; only positive operators are asked."""
        ...

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        """The values that decided, by contact, fit for JSON; a contact without any is left out."""
        ...


_sources: list[Source] = []


def register(source: Source) -> None:
    """Let rules ask the fields of `source`; registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def answers() -> dict[str, tuple[Field, Source]]:
    """Every field by name with what answers it, as they are now, in the order of the sources."""
    return {field.name: (field, source) for source in _sources for field in source.fields()}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is asked in. `ids`: only these contacts matter (None: all). `inside`: the segments being compiled,
    against cycles.
    """

    now: datetime = attribute(default_factory=clock.now)
    zone: ZoneInfo = attribute(default_factory=lambda: ZoneInfo(timezone.get_default_timezone_name()))
    ids: Sequence[int] | None = None
    inside: tuple[str, ...] = ()
    answers: Mapping[str, tuple[Field, Source]] = attribute(default_factory=answers)

    def field(self, name: str) -> Field:
        return self.answers[name][0]


def compile_rule(rule: Rule, scope: Scope) -> Q:
    """The condition on Contact. Raises LookupError for a field that no source answers: parse the rule first."""
    if isinstance(rule, Clause):
        return _compile_clause(rule, scope)
    parts = [compile_rule(inner, scope) for inner in rule.rules]
    match rule.match:
        case "all":
            return reduce(and_, joined_all(parts)) if parts else EVERYBODY
        case "any":
            return reduce(or_, joined_any(parts)) if parts else NOBODY
        case "none":
            return ~reduce(or_, joined_any(parts)) if parts else EVERYBODY


def _compile_clause(clause: Clause, scope: Scope) -> Q:
    field, source = scope.answers[clause.field]
    operator = operators.find(field.type, clause.operator)
    if operator is None:
        raise LookupError(f"{clause.field} {clause.operator}")
    if not operator.opposite_of:
        return source.q(clause, scope)
    return ~source.q(replace(clause, operator=operator.opposite_of), scope)
