"""Plain JSON values as the type of a property wants them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from wagtail_flows.scenarios.filters import number


Typed = str | Decimal | bool | date
LARGEST = Decimal(10) ** 13
YES, NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def typed(kind: str, value: Any) -> Typed | None:
    """The value as a property of this type (text, number, boolean, date) holds it; None where it can't.

    Of a moment the day is taken, as it is written.
    """
    match kind:
        case "text":
            is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
            return str(value) if is_text and str(value).strip() else None
        case "number":
            found = number(value)
            return found if found is not None and found.copy_abs() < LARGEST else None
        case "boolean":
            return _boolean(value)
        case "date":
            return _date(value)
        case _:
            return None


def _boolean(value: Any) -> bool | None:
    word = str(value).strip().lower()
    if word in YES:
        return True
    return False if word in NO else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
