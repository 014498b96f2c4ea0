"""JSON as people type it: strict, with the place of what is wrong, and nothing in it that no database could keep."""

from __future__ import annotations

import json
import math

from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.scenarios.reading import is_storable, shown


MAX_LENGTH = 1_000_000
MAX_DEPTH = 20


class BadJSON(FlowsError):
    """The text isn't JSON that can be kept; the message says where and why."""


def read_json(text: str) -> Any:
    """What the text says. Raises BadJSON, also for what JSON readers usually let pass: NaN, names given twice."""
    if len(text) > MAX_LENGTH:
        raise BadJSON(_("This text is too long: at most %(max)d characters are possible.") % {"max": MAX_LENGTH})
    try:
        data = json.loads(text, parse_constant=_refused_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise BadJSON(_located(error)) from error
    except RecursionError as error:
        raise BadJSON(_too_deep()) from error
    except ValueError as error:
        # Python refuses to read a number of thousands of digits.
        raise BadJSON(_("A number in this text is too long.")) from error
    _check(data)
    return data


def write_json(data: Any) -> str:
    """The data as text for people to edit."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def _located(error: json.JSONDecodeError) -> str:
    text = _(
        "Line %(line)d, column %(column)d: here the text stops being JSON. Look for a missing comma, quote or bracket."
    )
    return text % {"line": error.lineno, "column": error.colno}


def _too_deep() -> str:
    return _("This is nested too deep: at most %(max)d levels are possible.") % {"max": MAX_DEPTH}


def _refused_constant(name: str) -> Any:
    raise BadJSON(_("“%(name)s” isn't JSON: write a number.") % {"name": name})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJSON(_("“%(name)s” is given twice in one object: remove one of them.") % {"name": shown(twice)})
    return found


def _check(data: Any) -> None:
    """Walk through all of it, without recursion."""
    level, depth = [data], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise BadJSON(_too_deep())
        for value in level:
            _check_plain(value)
        level = [inner for value in level for inner in _inside(value)]


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _check_plain(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise BadJSON(_("A number in this text is too large."))
    if isinstance(value, str) and not is_storable(value):
        text = _("“%(text)s” contains a character that can't be stored: remove it.")
        raise BadJSON(text % {"text": shown(value)})
