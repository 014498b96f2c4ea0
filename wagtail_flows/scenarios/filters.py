"""Filters on the data of an event: `total at_least 50`, `list is <identifier>`.

As JSON `[{"name": "total", "operator": "at_least", "value": "50"}]`, or, where everything must just be equal,
`{"list": "<identifier>"}`. Numbers are compared exactly: what shops tell as a text ("49.90") is read as a decimal.
"""

from __future__ import annotations

import math

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, assert_never, get_args

from django.utils.translation import gettext as _

from wagtail_flows.lib.json_values import number_in
from wagtail_flows.scenarios.reading import MAX_TEXT, Reader, is_storable, shown
from wagtail_flows.scenarios.references import Reference, References, Target


Scalar = str | int | float | bool | None
Operator = Literal["is", "is_not", "more_than", "at_least", "less_than", "at_most", "contains", "one_of"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
ON_NUMBERS = frozenset({"more_than", "at_least", "less_than", "at_most"})

MAX_FILTERS = 20
MAX_VALUES = 50


@dataclass(frozen=True)
class Test:
    """One comparison. `value` is a tuple for `one_of`, a number (perhaps as a text) where the operator asks for one."""

    name: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]


Where = tuple[Test, ...]


def matches_where(where: Where, data: Mapping[str, Any]) -> bool:
    """Whether all comparisons hold. What is missing in `data` matches nothing but `is_not`."""
    return all(_holds(test, data) for test in where)


def _holds(test: Test, data: Mapping[str, Any]) -> bool:
    if test.name not in data:
        return test.operator == "is_not"
    given = data[test.name]
    match test.operator:
        case "is":
            return is_same(test.value, given)
        case "is_not":
            return not is_same(test.value, given)
        case "one_of":
            return any(is_same(value, given) for value in _several(test.value))
        case "contains":
            return _contains(given, test.value)
        case "more_than" | "at_least" | "less_than" | "at_most":
            return _compares(test.operator, number(given), number(test.value))
        case _:
            assert_never(test.operator)


def is_same(wanted: Any, given: Any) -> bool:
    """Whether two plain values are the same. true is not 1; a number is also met by the text of it, a text only by
    itself.
    """
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given
    if isinstance(wanted, int | float) and isinstance(given, str | int | float):
        return number(wanted) == number(given)
    return bool(wanted == given)


def number(value: Any) -> Decimal | None:
    """The exact number that a JSON value is, or says; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return number_in(str(value))


def _compares(operator: str, given: Decimal | None, limit: Decimal | None) -> bool:
    if given is None or limit is None:
        return False
    match operator:
        case "more_than":
            return given > limit
        case "at_least":
            return given >= limit
        case "less_than":
            return given < limit
        case _:
            return given <= limit


def _contains(given: Any, value: Any) -> bool:
    """A list contains what equals one of its items, a text what stands in it, in capitals or not."""
    if isinstance(given, list | tuple):
        return any(is_same(value, item) for item in given)
    return isinstance(given, str) and isinstance(value, str) and value.casefold() in given.casefold()


def _several(value: Any) -> Sequence[Scalar]:
    return value if isinstance(value, tuple) else (value,)


def read_where(fields: Reader, name: str = "where") -> Where:
    """The filter in this field, of either form, in the order of the names; () where there is none."""
    if not isinstance(fields.data.get(name), list | tuple):
        return _read_equalities(fields, name)
    items = fields.items(name, MAX_FILTERS)
    tests = [_read_test(fields, f"{name}.{position}", item) for position, item in enumerate(items)]
    return tuple(test for test in tests if test is not None)


def _read_equalities(fields: Reader, name: str) -> Where:
    part = fields.part(name)
    if part is None:
        return ()
    if len(part.data) > MAX_FILTERS:
        text = _("“%(name)s” has %(count)d items; at most %(max)d are possible.")
        fields.note(name, "too_many", text % {"name": name, "count": len(part.data), "max": MAX_FILTERS})
        return ()
    for field, value in part.data.items():
        if not (isinstance(field, str) and is_storable(field) and is_plain(value)):
            part.note(field, "not_plain", _not_plain(field))
    if part.has_problems:
        return ()
    return tuple(Test(field, "is", value) for field, value in sorted(part.data.items(), key=lambda item: item[0]))


def _read_test(fields: Reader, place: str, item: Any) -> Test | None:
    part = fields.inner(item, place)
    if part is None:
        return None
    name = part.text("name")
    operator: Any = part.choice("operator", OPERATORS)
    value = _read_value(part, name, operator)
    part.close()
    return None if part.has_problems else Test(name, operator, value)


def _read_value(part: Reader, name: str, operator: str) -> Any:
    if operator == "one_of":
        return _read_several(part, name)
    part.has("value")
    value = part.data.get("value")
    if "value" not in part.data:
        part.note("value", "missing", _("“%(name)s” is missing: add it.") % {"name": "value"})
    elif operator in ON_NUMBERS and number(value) is None:
        part.note("value", "not_a_number", _("“%(name)s” must be compared with a number.") % {"name": shown(name)})
    elif not is_plain(value) or (operator == "contains" and value in (None, "")):
        part.note("value", "not_plain", _not_plain(name))
    return value


def _read_several(part: Reader, name: str) -> tuple[Scalar, ...]:
    values = part.items("value", MAX_VALUES)
    if not part.has_problems and not values:
        part.note("value", "no_values", _("Give the values that “%(name)s” may have.") % {"name": shown(name)})
    if not all(is_plain(value) for value in values):
        part.note("value", "not_plain", _not_plain(name))
    return tuple(values)


def read_plain(fields: Reader, name: str) -> Any:
    """A text, a number, true or false in this field."""
    value = fields.data.get(name)
    if not is_plain(value):
        fields.note(name, "not_plain", _not_plain(name))
    return value


def _not_plain(name: Any) -> str:
    return _("“%(name)s” must be compared with a text, a number, true, false or null.") % {"name": shown(name)}


def is_plain(value: Any) -> bool:
    match value:
        case None | bool():
            return True
        case int():
            return abs(value) < 2**63
        case float():
            return math.isfinite(value)
        case str():
            return len(value) <= MAX_TEXT and is_storable(value)
        case _:
            return False


def write_where(where: Where) -> dict[str, Any]:
    """`{"where": …}`, or nothing where there is no filter; in the short form where it says everything."""
    if not where:
        return {}
    if _says_only_equal(where):
        return {"where": {test.name: test.value for test in where}}
    return {"where": [_write_test(test) for test in where]}


def _says_only_equal(where: Where) -> bool:
    names = [test.name for test in where]
    return all(test.operator == "is" for test in where) and names == sorted(set(names))


def _write_test(test: Test) -> dict[str, Any]:
    value = list(test.value) if isinstance(test.value, tuple) else test.value
    return {"name": test.name, "operator": test.operator, "value": value}


def where_references(where: Where, step: str, field: str = "where") -> Iterable[Reference]:
    """The lists that a filter names, each at its place in what `write_where` writes."""
    is_short = _says_only_equal(where)
    for position, test in enumerate(where):
        if test.name == "list" and test.operator in {"is", "is_not", "one_of"}:
            place = f"{field}.list" if is_short else f"{field}.{position}.value"
            yield from _list_references(test.value, step, place)


def _list_references(value: Scalar | tuple[Scalar, ...], step: str, place: str) -> Iterable[Reference]:
    if isinstance(value, str):
        yield Reference(step, place, Target.MAILING_LIST, value)
    if isinstance(value, tuple):
        for position, one in enumerate(value):
            if isinstance(one, str):
                yield Reference(step, f"{place}.{position}", Target.MAILING_LIST, one)


def where_words(where: Where, names: References) -> str:
    """The filter in translated words; "" where there is none."""
    return _(" and ").join(_test_words(test, names) for test in where)


def with_filter(sentence: str, where: Where, names: References) -> str:
    """A sentence about an event, with what its filter asks."""
    if not where:
        return sentence
    return _("%(sentence)s, where %(filter)s") % {"sentence": sentence, "filter": where_words(where, names)}


def _test_words(test: Test, names: References) -> str:
    values = {"name": test.name, "value": _value_words(test, names)}
    match test.operator:
        case "is":
            return _("%(name)s is %(value)s") % values
        case "is_not":
            return _("%(name)s is not %(value)s") % values
        case "more_than":
            return _("%(name)s is more than %(value)s") % values
        case "at_least":
            return _("%(name)s is at least %(value)s") % values
        case "less_than":
            return _("%(name)s is less than %(value)s") % values
        case "at_most":
            return _("%(name)s is at most %(value)s") % values
        case "contains":
            return _("%(name)s contains %(value)s") % values
        case "one_of":
            return _("%(name)s is one of %(value)s") % values
        case _:
            assert_never(test.operator)


def _value_words(test: Test, names: References) -> str:
    return ", ".join(_one_value(test.name, value, names) for value in _several(test.value))


def _one_value(name: str, value: Scalar, names: References) -> str:
    match value:
        case None:
            return _("nothing")
        case bool():
            return _("yes") if value else _("no")
        case str():
            return _("“%(text)s”") % {"text": names.name_of(Target.MAILING_LIST, value) if name == "list" else value}
        case _:
            return str(value)
