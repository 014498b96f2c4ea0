"""JSON → rule, with every problem located. Pure.

`parse` never raises anything but `RuleInvalid`, whatever it is given. Problems are located by the path of the clause:
"" is the whole, "0.2" the third rule of the first group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, get_args, get_type_hints

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.segments import operators
from wagtail_flows.segments.fields import Field, Fields, Option, OptionKind, References
from wagtail_flows.segments.operators import FieldType, Operand, Operator
from wagtail_flows.segments.rules import (
    DEEPEST_LEVEL,
    MATCHES,
    MOST_CLAUSES,
    Clause,
    Condition,
    Group,
    OptionValue,
    Rule,
    RuleInvalid,
    Scalar,
    Value,
    clauses,
)


MOST_DAYS = 36_500
LONGEST_TEXT = 500
MOST_VALUES = 200
LARGEST_NUMBER = Decimal(10) ** 13
CONDITION_OPERATORS: tuple[str, ...] = get_args(get_type_hints(Condition)["operator"])
_CONDITIONS_ON_NUMBERS = {"more_than", "at_least", "less_than", "at_most"}


class _UnusableError(Exception):
    """A part can't be read; the problem is noted already."""


@dataclass
class _Reading:
    fields: Fields
    references: References
    problems: list[Problem] = attribute(default_factory=list)

    def refuse(self, path: str, where: str, code: str, text: str) -> _UnusableError:
        self.problems.append(Problem(path, where, code, text))
        return _UnusableError(code)


def parse(data: object, fields: Fields, references: References | None = None) -> Group:
    """The typed rule of JSON `data`. Raises RuleInvalid with every problem that was found."""
    reading = _Reading(fields, references or {})
    rule: Rule | None = None
    try:
        rule = _group(data, "", 1, reading)
    except _UnusableError:
        rule = None
    if isinstance(rule, Group) and sum(1 for _clause in clauses(rule)) > MOST_CLAUSES:
        reading.problems.append(
            Problem("", "rules", "too_many", _("Use at most %(most)d conditions.") % {"most": MOST_CLAUSES})
        )
    if reading.problems or not isinstance(rule, Group):
        raise RuleInvalid(tuple(reading.problems))
    return rule


def _group(data: object, path: str, level: int, reading: _Reading) -> Group:
    if not isinstance(data, Mapping):
        raise reading.refuse(path, "", "not_a_group", _("Here stands something that is no group of conditions."))
    if level > DEEPEST_LEVEL:
        raise reading.refuse(path, "rules", "too_deep", _("Groups can stand %(most)d deep.") % {"most": DEEPEST_LEVEL})
    match, rules = data.get("match"), data.get("rules")
    if match not in MATCHES:
        raise reading.refuse(path, "match", "unknown_match", _("Choose all, any or none."))
    if not isinstance(rules, list) or len(rules) > MOST_CLAUSES * 2:
        raise reading.refuse(path, "rules", "no_list", _("The conditions of this group can't be read."))
    _nothing_else(data, {"match", "rules"}, path, reading)
    return Group(match, tuple(_rules(rules, path, level, reading)))


def _rules(rules: list[object], path: str, level: int, reading: _Reading) -> Iterator[Rule]:
    for number, data in enumerate(rules):
        inner = f"{path}.{number}" if path else str(number)
        try:
            is_group = isinstance(data, Mapping) and "field" not in data
            yield _group(data, inner, level + 1, reading) if is_group else _clause(data, inner, reading)
        except _UnusableError:
            continue


def _nothing_else(data: Mapping[str, Any], known: set[str], path: str, reading: _Reading) -> None:
    for name in data.keys() - known:
        reading.refuse(
            path,
            str(name)[:60],
            "unknown_part",
            _("“%(name)s” means nothing here: remove it.") % {"name": str(name)[:60]},
        )


def _clause(data: object, path: str, reading: _Reading) -> Clause:
    if not isinstance(data, Mapping):
        raise reading.refuse(path, "", "not_a_clause", _("Here stands something that is no condition."))
    _nothing_else(data, {"field", "operator", "value", "options"}, path, reading)
    name = data.get("field")
    known = reading.fields.get(name) if isinstance(name, str) else None
    if known is None:
        raise reading.refuse(
            path, "field", "unknown_field", _("This field doesn't exist any more: choose another one.")
        )
    asked = data.get("operator")
    operator = operators.find(known.type, asked) if isinstance(asked, str) else None
    if operator is None:
        raise reading.refuse(
            path, "operator", "unknown_operator", _("Choose how “%(field)s” is compared.") % {"field": known.label}
        )
    value = _value(data, known, operator, path, reading)
    return Clause(known.name, operator.name, value, tuple(_options(data.get("options", {}), known, path, reading)))


def _value(data: Mapping[str, Any], known: Field, operator: Operator, path: str, reading: _Reading) -> Value:
    value = data.get("value")
    match operator.operand:
        case Operand.NONE:
            if value is not None:
                raise reading.refuse(path, "value", "no_value", _("This comparison takes no value."))
            return None
        case Operand.DAYS:
            return _whole(value, 0, MOST_DAYS, path, "value", reading)
        case Operand.MONTH:
            return _whole(value, 1, 12, path, "value", reading)
        case Operand.ONE:
            return _scalar(value, known, path, reading)
        case Operand.TWO:
            low, high = _several(value, known, 2, 2, path, reading)
            if low > high:  # type: ignore[operator]
                raise reading.refuse(
                    path, "value", "wrong_order", _("The first value must not be larger than the second.")
                )
            return (low, high)
        case Operand.MANY:
            return _several(value, known, 1, MOST_VALUES, path, reading)


def _several(value: object, known: Field, least: int, most: int, path: str, reading: _Reading) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise reading.refuse(path, "value", "wrong_count", _("Give the values that this comparison needs."))
    return tuple(_scalar(item, known, path, reading) for item in value)


def _scalar(value: object, known: Field, path: str, reading: _Reading) -> Scalar:
    match known.type:
        case FieldType.NUMBER:
            return _number(value, path, "value", reading)
        case FieldType.COUNT:
            return _whole(value, 0, 1_000_000, path, "value", reading)
        case FieldType.DATE | FieldType.MOMENT:
            return _date(value, path, reading)
        case FieldType.CHOICE | FieldType.MEMBERSHIP:
            return _choice(value, known.refers_to, known.choices, path, "value", reading)
        case FieldType.TEXT | FieldType.BOOLEAN:
            return _text(value, path, "value", reading)


def _text(value: object, path: str, where: str, reading: _Reading) -> str:
    if not isinstance(value, str) or not value.strip():
        raise reading.refuse(path, where, "empty", _("Write what to compare with."))
    if len(value) > LONGEST_TEXT:
        raise reading.refuse(path, where, "too_long", _("Write at most %(most)d characters.") % {"most": LONGEST_TEXT})
    # NUL can't be stored by PostgreSQL, and a lone surrogate by nothing that speaks UTF-8.
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise reading.refuse(path, where, "bad_character", _("This text has a character that can't be stored."))
    return value


def _whole(value: object, least: int, most: int, path: str, where: str, reading: _Reading) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise reading.refuse(
            path,
            where,
            "not_a_count",
            _("Write a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
        )
    return value


def _number(value: object, path: str, where: str, reading: _Reading) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    # Stored numbers have six places; a finer one could never be equal to one of them.
    # Not abs(), which computes: that overflows where comparing doesn't.
    is_readable = number.is_finite() and number.copy_abs() <= LARGEST_NUMBER
    if not is_readable or not -6 <= int(number.as_tuple().exponent) <= 13:
        raise reading.refuse(path, where, "not_a_number", _("Write a number, such as 12.50."))
    return number


def _date(value: object, path: str, reading: _Reading) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else _no_date()
    except ValueError:
        raise reading.refuse(path, "value", "not_a_date", _("Choose a date.")) from None


def _no_date() -> date:
    raise ValueError("no date")


def _choice(
    value: object, refers_to: str, choices: tuple[tuple[str, Any], ...], path: str, where: str, reading: _Reading
) -> str:
    text = _text(value, path, where, reading)
    if refers_to and text not in reading.references.get(refers_to, {text: ""}):
        raise reading.refuse(path, where, "gone", _("What was chosen here doesn't exist any more: choose again."))
    if choices and text not in {key for key, _label in choices}:
        raise reading.refuse(path, where, "unknown_choice", _("Choose one of the values offered."))
    return text


def _options(data: object, known: Field, path: str, reading: _Reading) -> Iterator[tuple[str, OptionValue]]:
    if not isinstance(data, Mapping):
        raise reading.refuse(path, "options", "no_options", _("The details of this condition can't be read."))
    _nothing_else(data, {option.name for option in known.options}, path, reading)
    for option in sorted(known.options, key=lambda option: option.name):
        if option.name in data:
            yield option.name, _option(data[option.name], option, path, reading)
        elif option.is_required:
            raise reading.refuse(path, option.name, "missing", _("Choose “%(option)s”.") % {"option": option.label})


def _option(value: object, option: Option, path: str, reading: _Reading) -> OptionValue:
    match option.kind:
        case OptionKind.DAYS:
            return _whole(value, 0, MOST_DAYS, path, option.name, reading)
        case OptionKind.TEXT:
            return _text(value, path, option.name, reading)
        case OptionKind.CHOICE | OptionKind.REFERENCE:
            return _choice(value, option.refers_to, option.choices, path, option.name, reading)
        case OptionKind.CONDITIONS:
            return _conditions(value, option, path, reading)


def _conditions(value: object, option: Option, path: str, reading: _Reading) -> tuple[Condition, ...]:
    if not isinstance(value, list) or len(value) > 10:
        raise reading.refuse(path, option.name, "no_conditions", _("Give at most ten tests on the event's data."))
    return tuple(_condition(item, option, path, reading) for item in value)


def _condition(item: object, option: Option, path: str, reading: _Reading) -> Condition:
    if not isinstance(item, Mapping) or item.get("operator") not in CONDITION_OPERATORS:
        raise reading.refuse(path, option.name, "bad_condition", _("This test on the event's data can't be read."))
    _nothing_else(item, {"name", "operator", "value"}, path, reading)
    name, operator = _text(item.get("name"), path, option.name, reading), item["operator"]
    if operator in _CONDITIONS_ON_NUMBERS:
        return Condition(name, operator, _number(item.get("value"), path, option.name, reading))
    return Condition(name, operator, _text(item.get("value"), path, option.name, reading))
