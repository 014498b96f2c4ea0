"""What a value in JSON data says, in plain Python: its text, and the number that a text is. Pure.

`lib.json_tests` asks PostgreSQL the same in its own words, and lends these functions to SQLite, which has none of its
own that spell numbers, booleans and keys alike.
"""

from __future__ import annotations

import json
import re

from decimal import Decimal
from typing import Any


# A number of more characters isn't one that anybody meant, and computing with it would take its time.
LONGEST_NUMBER = 40
# In the syntax that Python and PostgreSQL share.
_SPACE = r"[ \t\n\r\f\v]*"
NUMBER = _SPACE + r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?" + _SPACE
_NUMBER = re.compile(NUMBER)


def number_in(text: str) -> Decimal | None:
    """The exact number that a text is, perhaps with white space around it; None where it is none."""
    return Decimal(text.strip()) if len(text) <= LONGEST_NUMBER and _NUMBER.fullmatch(text) else None


def text_of(value: Any) -> str | None:
    """What a parsed value says: a number as PostgreSQL spells it, `true`; None for null, a list, an object."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Decimal():
            return f"{value.copy_abs() if value.is_zero() else value:f}"
    return None


def _value(data: str | None, key: str) -> Any:
    # As decimals: what a float can't hold stays as it is written.
    parsed = json.loads(data, parse_int=Decimal, parse_float=Decimal) if data else None
    return parsed.get(key) if isinstance(parsed, dict) else None


def says(data: str | None, key: str, wanted: str) -> bool:
    """Whether `data[key]` is `wanted`."""
    return text_of(_value(data, key)) == wanted


def contains(data: str | None, key: str, wanted: str) -> bool:
    """Whether `wanted` stands in the text `data[key]`, or is an item of the list `data[key]`."""
    value = _value(data, key)
    if isinstance(value, list):
        return any(text_of(item) == wanted for item in value)
    return isinstance(value, str) and wanted in value


def compared(data: str | None, key: str, limit: str) -> int | None:
    """-1, 0 or 1 as the number `data[key]` is less than, equal to or more than `limit`; None where it is none."""
    text = text_of(_value(data, key))
    number, than = number_in(text) if text is not None else None, Decimal(limit)
    return None if number is None else (number > than) - (number < than)
