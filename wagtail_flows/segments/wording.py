"""A rule in plain words: one sentence under the editor, a nested list where there is no editor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.dates import MONTHS
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from wagtail_flows.segments import operators, phrases
from wagtail_flows.segments.fields import Field, Fields, OptionKind, References
from wagtail_flows.segments.operators import FieldType, Operand
from wagtail_flows.segments.rules import Clause, Condition, Group, Rule


# More chosen values than these are only counted.
MOST_NAMED = 5


def sentence(rule: Rule, fields: Fields, references: References) -> str:
    """The whole rule as one sentence, in the current language."""
    if isinstance(rule, Group) and not rule.rules:
        return _("Nobody.") if rule.match == "any" else _("Everybody.")
    return capfirst(_("%(rule)s.") % {"rule": _inner(rule, fields, references, is_outermost=True)})


def _inner(rule: Rule, fields: Fields, references: References, *, is_outermost: bool = False) -> str:
    if isinstance(rule, Clause):
        return clause_text(rule, fields, references)
    if len(rule.rules) == 1 and rule.match != "none":
        return _inner(rule.rules[0], fields, references, is_outermost=is_outermost)
    parts = [_inner(inner, fields, references) for inner in rule.rules]
    if not parts:
        return _("nobody") if rule.match == "any" else _("everybody")
    match rule.match:
        case "all":
            told = _joined(parts, _(" and "))
        case "any":
            told = _joined(parts, _(" or "))
        case "none":
            return _("none of these: (%(parts)s)") % {"parts": _joined(parts, _("; "))}
    return told if is_outermost else _("(%(parts)s)") % {"parts": told}


def _joined(parts: Sequence[str], word: str) -> str:
    return word.join(parts)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the outline; `path` is where it stands in the rule, as problems are located."""

    text: str
    path: str
    is_group: bool = False
    parts: tuple[Line, ...] = ()


def outline(rule: Rule, fields: Fields, references: References, path: str = "") -> Line:
    """The rule as nested lines, in reading order."""
    if isinstance(rule, Clause):
        return Line(capfirst(clause_text(rule, fields, references)), path)
    parts = tuple(
        outline(inner, fields, references, f"{path}.{number}" if path else str(number))
        for number, inner in enumerate(rule.rules)
    )
    return Line(group_text(rule), path, True, parts)


def group_text(group: Group) -> str:
    """What a group asks of its parts."""
    if not group.rules:
        return _("Nobody") if group.match == "any" else _("Everybody")
    return {
        "all": _("All of these hold"),
        "any": _("At least one of these holds"),
        "none": _("None of these holds"),
    }[group.match]


def clause_text(clause: Clause, fields: Fields, references: References) -> str:
    """One comparison with its details: “opened an e-mail: at least once (in the last 30 days)”."""
    field = fields.get(clause.field)
    if field is None:
        return _("“%(name)s”, which doesn't exist any more") % {"name": clause.field}
    told = _compared(clause, field, references)
    details = list(_details(clause, field, references))
    return _("%(clause)s (%(details)s)") % {"clause": told, "details": ", ".join(details)} if details else told


def _compared(clause: Clause, field: Field, references: References) -> str:
    facts: dict[str, Any] = {"field": field.label, "value": "", "low": "", "high": ""}
    operator = operators.find(field.type, clause.operator)
    if operator is not None and operator.operand == Operand.DAYS and isinstance(clause.value, int):
        days = clause.value
        return str(phrases.DAYS[clause.operator] % {**facts, "days": number_format(days), "count": days})
    if isinstance(clause.value, tuple) and operator is not None and operator.operand == Operand.TWO:
        facts["low"], facts["high"] = (_value(item, field, references) for item in clause.value)
    elif operator is not None and operator.operand == Operand.MONTH and isinstance(clause.value, int):
        facts["value"] = MONTHS[clause.value]
    elif isinstance(clause.value, tuple):
        facts["value"] = several([_value(item, field, references) for item in clause.value])
    elif clause.value is not None:
        facts["value"] = _value(clause.value, field, references)
    phrase = phrases.PHRASES[field.type].get(clause.operator)
    return str(phrase % facts) if phrase else f"{field.label} {clause.operator}"


def several(names: Sequence[str]) -> str:
    """“A”, “B” or “C”; of many the first ones, and how many more."""
    if len(names) > MOST_NAMED:
        rest = len(names) - MOST_NAMED + 1
        return _("%(names)s or %(count)s others") % {
            "names": ", ".join(names[: MOST_NAMED - 1]),
            "count": number_format(rest),
        }
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s or %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def _value(value: Any, field: Field, references: References) -> str:
    if isinstance(value, str):
        return quoted(_label(value, field.choices, field.refers_to, references))
    if isinstance(value, int) and not isinstance(value, bool) and field.type == FieldType.COUNT:
        return number_format(value, force_grouping=True)
    return in_words(value)


def in_words(value: Any) -> str:
    """A date or number as people of the current language write it."""
    if isinstance(value, Decimal):
        shown = value.to_integral() if value == value.to_integral() else value.normalize()
        return number_format(shown, force_grouping=True)
    return date_format(value) if isinstance(value, date) else str(value)


def quoted(text: str) -> str:
    return _("“%(text)s”") % {"text": text}


def _label(text: str, choices: Sequence[tuple[str, Any]], refers_to: str, references: References) -> str:
    if refers_to:
        known: Mapping[str, str] = references.get(refers_to, {})
        return known.get(text, text)
    return str(dict(choices).get(text, text))


def _details(clause: Clause, field: Field, references: References) -> Iterator[str]:
    chosen = dict(clause.options)
    for option in field.options:
        value = chosen.get(option.name)
        if value is None:
            continue
        if isinstance(value, tuple):
            yield from (_condition(condition) for condition in value)
        elif option.kind == OptionKind.DAYS and isinstance(value, int):
            phrase = phrases.WITHIN if option.name == "within_days" else phrases.OPTION_DAYS
            yield str(phrase % {"option": option.label, "days": number_format(value), "count": value})
        else:
            label = _label(str(value), option.choices, option.refers_to, references)
            yield phrases.OPTION % {"option": option.label, "value": label if option.choices else quoted(label)}


def _condition(condition: Condition) -> str:
    value = condition.value
    told = quoted(value) if isinstance(value, str) else in_words(value)
    return phrases.CONDITIONS[condition.operator] % {"field": condition.name, "value": told}
