"""What can be asked of a field: its types and their operators. Pure.

Every operator is two-valued: it holds or it doesn't, also for who has no value. A negative operator is the exact
opposite of its positive one, so `is not "fr"` holds for whoever has no language at all. The table in the
documentation is made from `OPERATORS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choice"
    COUNT = "count"
    MEMBERSHIP = "membership"


class Operand(StrEnum):
    """What an operator is compared with."""

    NONE = "none"
    ONE = "one"
    TWO = "two"
    MANY = "many"
    DAYS = "days"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Operator:
    """`opposite_of` names the positive operator that this one denies; only positive ones are compiled."""

    name: str
    label: Any
    operand: Operand
    opposite_of: str = ""


IS_SET = Operator("is_set", _("is known"), Operand.NONE)
IS_NOT_SET = Operator("is_not_set", _("is not known"), Operand.NONE, "is_set")

_COMPARISONS = (
    Operator("equals", _("is"), Operand.ONE),
    Operator("not_equals", _("is not"), Operand.ONE, "equals"),
    Operator("more_than", _("is more than"), Operand.ONE),
    Operator("at_least", _("is at least"), Operand.ONE),
    Operator("less_than", _("is less than"), Operand.ONE),
    Operator("at_most", _("is at most"), Operand.ONE),
    Operator("between", _("is between"), Operand.TWO),
)

_COUNTS = (
    Operator("equals", _("exactly"), Operand.ONE),
    Operator("more_than", _("more than"), Operand.ONE),
    Operator("at_least", _("at least"), Operand.ONE),
    Operator("less_than", _("less than"), Operand.ONE),
    Operator("at_most", _("at most"), Operand.ONE),
    Operator("between", _("between"), Operand.TWO),
)

_CALENDAR = (
    Operator("on", _("is on"), Operand.ONE),
    Operator("before", _("is before"), Operand.ONE),
    Operator("after", _("is after"), Operand.ONE),
    Operator("between", _("is between"), Operand.TWO),
    Operator("in_last_days", _("is in the last (days)"), Operand.DAYS),
    Operator("not_in_last_days", _("is not in the last (days)"), Operand.DAYS, "in_last_days"),
    Operator("in_next_days", _("is in the next (days)"), Operand.DAYS),
    Operator("more_than_days_ago", _("is more than (days) ago"), Operand.DAYS),
)

OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: (
        Operator("is", _("is"), Operand.ONE),
        Operator("is_not", _("is not"), Operand.ONE, "is"),
        Operator("is_one_of", _("is one of"), Operand.MANY),
        Operator("is_none_of", _("is none of"), Operand.MANY, "is_one_of"),
        Operator("contains", _("contains"), Operand.ONE),
        Operator("not_contains", _("does not contain"), Operand.ONE, "contains"),
        Operator("starts_with", _("starts with"), Operand.ONE),
        Operator("ends_with", _("ends with"), Operand.ONE),
        IS_SET,
        IS_NOT_SET,
    ),
    FieldType.NUMBER: (*_COMPARISONS, IS_SET, IS_NOT_SET),
    FieldType.BOOLEAN: (
        Operator("is_true", _("is yes"), Operand.NONE),
        Operator("is_false", _("is no"), Operand.NONE),
        IS_SET,
        IS_NOT_SET,
    ),
    FieldType.DATE: (
        *_CALENDAR,
        Operator("anniversary_in_next_days", _("has its anniversary within (days)"), Operand.DAYS),
        Operator("month_is", _("is in the month of"), Operand.MONTH),
        Operator("month_is_this", _("is in the current month, of any year"), Operand.NONE),
        IS_SET,
        IS_NOT_SET,
    ),
    FieldType.MOMENT: (*_CALENDAR, IS_SET, IS_NOT_SET),
    FieldType.CHOICE: (
        Operator("is", _("is"), Operand.ONE),
        Operator("is_not", _("is not"), Operand.ONE, "is"),
        Operator("is_one_of", _("is one of"), Operand.MANY),
        Operator("is_none_of", _("is none of"), Operand.MANY, "is_one_of"),
        IS_SET,
        IS_NOT_SET,
    ),
    FieldType.COUNT: (
        Operator("at_least_once", _("at least once"), Operand.NONE),
        Operator("never", _("never"), Operand.NONE, "at_least_once"),
        *_COUNTS,
    ),
    FieldType.MEMBERSHIP: (
        Operator("in_any_of", _("in any of"), Operand.MANY),
        Operator("in_none_of", _("in none of"), Operand.MANY, "in_any_of"),
    ),
}


def find(field_type: FieldType, name: str) -> Operator | None:
    """The operator of that name for that type, or None."""
    return next((operator for operator in OPERATORS[field_type] if operator.name == name), None)
