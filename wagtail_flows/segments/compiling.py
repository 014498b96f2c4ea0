"""Rule → one query. The same Q answers who is in, how many, which of these, and why.

A source compiles the positive operators of its fields to a Q over contacts that is true or false, never unknown;
opposites are made here by denying it. `Scope` carries what a clause may need: the moment, the site's zone, and the
ids when only a batch is asked about.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from wagtail_flows.lib import clock
from wagtail_flows.segments import operators
from wagtail_flows.segments.fields import Field
from wagtail_flows.segments.references import Existing
from wagtail_flows.segments.rules import Clause, Rule, RuleInvalid
from wagtail_flows.segments.semijoins import joined_all, joined_any, looked_up


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


@runtime_checkable
class Steady(Source, Protocol):
    """A source whose conditions stay the same all day, so that their SQL is kept from batch to batch.

    They hang on the clause, on the day in the zone of the scope and on what `hangs_on` answers, on nothing else; and
    where they name the ids of the batch, they name all of them and by `lib.among`.
    """

    def hangs_on(self, clause: Clause, scope: Scope) -> Hashable:
        """What else the condition of this clause is made of, such as the id of what it names."""
        ...


_sources: list[tuple[str, Source]] = []


def register(source: Source, prefix: str = "") -> None:
    """Let rules ask the fields of `source`; registering it again changes nothing. `prefix`: what the names of all its
    fields begin with, so that it isn't asked for them where a rule has none of them.
    """
    if (prefix, source) not in _sources:
        _sources.append((prefix, source))


class Answers(Mapping[str, tuple[Field, Source]]):
    """Every field by name with what answers it, as they are now, in the order of the sources."""

    def __init__(self) -> None:
        self._sources = tuple(_sources)
        self._known: dict[int, dict[str, Field]] = {}

    def _fields(self, number: int) -> dict[str, Field]:
        if number not in self._known:
            _prefix, source = self._sources[number]
            self._known[number] = {field.name: field for field in source.fields()}
        return self._known[number]

    def __getitem__(self, name: str) -> tuple[Field, Source]:
        for number, (prefix, source) in enumerate(self._sources):
            if name.startswith(prefix) and name in self._fields(number):
                return self._fields(number)[name], source
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for number in range(len(self._sources)) for name in self._fields(number))

    def __len__(self) -> int:
        return sum(len(self._fields(number)) for number in range(len(self._sources)))


class AnsweredFields(Mapping[str, Field]):
    """The fields alone."""

    def __init__(self, known: Mapping[str, tuple[Field, Source]]) -> None:
        self._known = known

    def __getitem__(self, name: str) -> Field:
        return self._known[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def answers() -> Answers:
    """The fields there are now; a source is asked for them when the first that may be its own is."""
    return Answers()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is asked in. `ids`: only these contacts matter (None: all). `inside`: the segments being compiled,
    against cycles. `existing` remembers what was looked up for it.
    """

    now: datetime = attribute(default_factory=clock.now)
    zone: ZoneInfo = attribute(default_factory=lambda: ZoneInfo(timezone.get_default_timezone_name()))
    ids: Sequence[int] | None = None
    inside: tuple[str, ...] = ()
    answers: Mapping[str, tuple[Field, Source]] = attribute(default_factory=answers)
    existing: Existing = attribute(default_factory=Existing)

    def field(self, name: str) -> Field:
        return self.answers[name][0]


def compile_rule(rule: Rule, scope: Scope, path: str = "") -> Q:
    """The condition on Contact. Raises RuleInvalid with problems located in it, where `path` is that of the rule; and
    LookupError for a field that no source answers: parse the rule first.
    """
    if isinstance(rule, Clause):
        with _located(path):
            return _compile_clause(rule, scope)
    paths = (f"{path}.{number}".removeprefix(".") for number in range(len(rule.rules)))
    parts = [compile_rule(inner, scope, place) for inner, place in zip(rule.rules, paths, strict=True)]
    match rule.match:
        case "all":
            return reduce(and_, joined_all(parts)) if parts else EVERYBODY
        case "any":
            return _any(parts, scope)
        case "none":
            return ~_any(parts, scope)


@contextmanager
def _located(path: str) -> Iterator[None]:
    """What a source says is wrong with a clause is wrong where the clause stands."""
    try:
        yield
    except RuleInvalid as invalid:
        raise RuleInvalid(tuple(replace(problem, step=path) for problem in invalid.problems)) from invalid


def _any(parts: list[Q], scope: Scope) -> Q:
    """One join for everybody. For a batch, a look for each contact, which may end at the first that is found: planners
    don't see how small the batch is through a join of several.
    """
    joined = joined_any(parts) if scope.ids is None else parts
    return reduce(or_, joined) if joined else NOBODY


def _compile_clause(clause: Clause, scope: Scope) -> Q:
    """Rows within the last days have an index by time: as long as the table is small, planners read those of everybody
    by it, and change their plan as it grows. A batch asks for each contact instead, which costs what the batch is.
    """
    field, source = scope.answers[clause.field]
    operator = operators.find(field.type, clause.operator)
    if operator is None:
        raise LookupError(f"{clause.field} {clause.operator}")
    if operator.opposite_of:
        return ~source.q(replace(clause, operator=operator.opposite_of), scope)
    asked = source.q(clause, scope)
    is_windowed = clause.option("within_days") is not None
    return looked_up(asked) if scope.ids is not None and is_windowed else asked
