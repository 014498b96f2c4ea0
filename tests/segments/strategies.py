"""Random rules over given fields, valid by construction."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from wagtail_flows.segments.fields import Field, OptionKind
from wagtail_flows.segments.operators import OPERATORS, FieldType, Operand, Operator
from wagtail_flows.segments.rules import Clause, Condition, Group


WORDS = (
    "fr",
    "FR",
    "Zoë",
    "zoë",
    "Łuczak",
    "straße",
    "STRASSE",
    "a%b",
    "a_b",
    "x",
    "example.com",
    "é",
    "e\u0301",
    "'; --",
    "\\",
)
DAYS = tuple(date.fromisoformat(day) for day in ("2024-02-29", "2025-02-28", "2025-03-01", "2026-01-01", "2026-12-31"))
NUMBERS = tuple(Decimal(text) for text in ("0", "0.1", "0.3", "-1", "41.99", "999999999.999999"))
# What stands in the data of events, under which keys, and what it is compared with.
KEYS = ("by", "link", "product", "message", "page", "0", 'a"b')
TOLD = (
    "", "null", "true", "fr", "FR", "Zoë fr", "a%b", "human", "3", "12.5", "041.99", "1e5", " -1 ", "many", '["fr"]',
    "12345678901234.5", 3, 5, -1, 2**70, 12.5, 3.0, -0.0, 1e22, 1e-7, True, False, None, {}, {"fr": "fr"},
)  # fmt: skip
ASKED = ("null", "true", "fr", "FR", "human", "3", "5", "3.0", "0.0", "12.5", "0.0000001", '["fr"]', "{}", str(2**70))


def told():
    """A value in an event's data."""
    return st.sampled_from(TOLD) | st.lists(st.sampled_from([*TOLD, ["fr"]]), max_size=3)


def conditions():
    keys, numbers = st.sampled_from(KEYS), st.sampled_from((*NUMBERS, Decimal(3), Decimal("12.5"), Decimal(10) ** 13))
    on_texts = st.builds(Condition, keys, st.sampled_from(("is", "is_not", "contains")), st.sampled_from(ASKED))
    on_numbers = st.builds(Condition, keys, st.sampled_from(("more_than", "at_least", "less_than", "at_most")), numbers)
    return st.lists(on_texts | on_numbers, max_size=2).map(tuple)


def texts():
    return st.sampled_from(WORDS) | st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12
    ).filter(str.strip)


def scalars(field: Field):
    if field.choices:
        return st.sampled_from([key for key, _label in field.choices])
    return {
        FieldType.TEXT: texts(),
        FieldType.NUMBER: st.sampled_from(NUMBERS),
        FieldType.COUNT: st.integers(0, 4),
        FieldType.DATE: st.sampled_from(DAYS),
        FieldType.MOMENT: st.sampled_from(DAYS),
        FieldType.CHOICE: texts(),
        FieldType.MEMBERSHIP: texts(),
    }[field.type]


def values(field: Field, operator: Operator):
    match operator.operand:
        case Operand.NONE:
            return st.none()
        case Operand.DAYS:
            return st.sampled_from((0, 1, 7, 30, 364, 365, 36_500))
        case Operand.MONTH:
            return st.integers(1, 12)
        case Operand.ONE:
            return scalars(field)
        case Operand.TWO:
            return st.tuples(scalars(field), scalars(field)).map(lambda pair: tuple(sorted(pair)))
        case Operand.MANY:
            return st.lists(scalars(field), min_size=1, max_size=3).map(tuple)


def options_of(field: Field):
    parts = {
        option.name: st.sampled_from([key for key, _label in option.choices])
        if option.choices
        else {
            OptionKind.DAYS: st.sampled_from((0, 7, 400)),
            OptionKind.TEXT: st.sampled_from(ASKED) | texts(),
            OptionKind.CONDITIONS: conditions(),
            OptionKind.REFERENCE: st.sampled_from(("5", "3", "fr"))
            if option.name in {"message", "page"}
            else st.none(),
        }[option.kind]
        for option in field.options
    }
    return st.fixed_dictionaries({}, optional=parts).map(
        lambda chosen: tuple(sorted((name, value) for name, value in chosen.items() if value is not None))
    )


@st.composite
def clauses(draw, fields):
    field = draw(st.sampled_from(fields))
    operator = draw(st.sampled_from(OPERATORS[field.type]))
    return Clause(field.name, operator.name, draw(values(field, operator)), draw(options_of(field)))


def rules(fields):
    """Groups of groups of clauses, small enough to be readable when one fails."""
    inner = st.recursive(
        clauses(fields), lambda parts: st.builds(Group, matches(), st.lists(parts, max_size=3).map(tuple)), max_leaves=6
    )
    return st.builds(Group, matches(), st.lists(inner, max_size=3).map(tuple))


def matches():
    return st.sampled_from(("all", "any", "none"))
