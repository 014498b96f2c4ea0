"""A rule: a tree of groups (all, any, none) over clauses, frozen and typed. Pure.

As JSON: `{"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}`, with groups
inside groups. A clause may carry `"options": {"within_days": 30}`. Decimals and dates are strings in JSON and typed
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

from wagtail_flows.lib.problems import Problem


Match: TypeAlias = Literal["all", "any", "none"]
MATCHES: tuple[str, ...] = get_args(Match)

Scalar: TypeAlias = str | int | Decimal | date
Value: TypeAlias = Scalar | tuple[Scalar, ...] | None

MOST_CLAUSES = 200
DEEPEST_LEVEL = 10


@dataclass(frozen=True, slots=True)
class Condition:
    """One test on the data of an event: `total at_least 50`."""

    name: str
    operator: Literal["is", "is_not", "more_than", "at_least", "less_than", "at_most", "contains"]
    value: str | Decimal


OptionValue: TypeAlias = str | int | tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One question. `value` has the type that field and operator ask for; `options` are sorted by name."""

    field: str
    operator: str
    value: Value = None
    options: tuple[tuple[str, OptionValue], ...] = ()

    def option(self, name: str, default: Any = None) -> Any:
        return dict(self.options).get(name, default)

    def chosen(self) -> list[str]:
        """The several things that were chosen as the value."""
        return [str(item) for item in self.value] if isinstance(self.value, tuple) else []


@dataclass(frozen=True, slots=True)
class Group:
    """`all` of no rules holds for everybody, `any` of none for nobody, `none` of none for everybody."""

    match: Match
    rules: tuple[Clause | Group, ...]


Rule: TypeAlias = Clause | Group


class RuleInvalid(Exception):
    """The rule can't be asked as it stands; `problems` say where and what to do."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.step}: {problem.code}" for problem in problems))
        self.problems = problems


def clauses(rule: Rule) -> Iterator[Clause]:
    """Every clause of a rule, in reading order."""
    if isinstance(rule, Clause):
        yield rule
        return
    for inner in rule.rules:
        yield from clauses(inner)


def dump(rule: Rule) -> dict[str, Any]:
    """The JSON of a rule, the same that was parsed."""
    if isinstance(rule, Group):
        return {"match": rule.match, "rules": [dump(inner) for inner in rule.rules]}
    dumped: dict[str, Any] = {"field": rule.field, "operator": rule.operator}
    if rule.value is not None:
        dumped["value"] = _dump_value(rule.value)
    if rule.options:
        dumped["options"] = {name: _dump_option(value) for name, value in rule.options}
    return dumped


def _dump_value(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_dump_value(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _dump_option(value: OptionValue) -> Any:
    if isinstance(value, tuple):
        return [{"name": item.name, "operator": item.operator, "value": _dump_value(item.value)} for item in value]
    return value
