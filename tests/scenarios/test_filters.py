"""What a filter asks of an event's data."""

from datetime import UTC, datetime

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import EventSnapshot


NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


def graph(where) -> dict:
    drawn = scenario("placed > wait 1d")
    drawn["triggers"][0]["where"] = where
    return drawn


def matches(where, data) -> bool:
    return parse(graph(where)).triggers[0].matches(EventSnapshot("order.placed", NOON, data, "order:1", "7"))


def test(name: str, operator: str, value) -> dict:
    return {"name": name, "operator": operator, "value": value}


test.__test__ = False


@pytest.mark.parametrize(
    ("operator", "value", "given", "holds"),
    [
        ("at_least", "50", "50.00", True),
        ("at_least", 50, "49.99", False),
        ("more_than", "0.3", 0.30000000000000004, True),
        ("more_than", "0.3", 0.3, False),
        ("more_than", "100000000000000000000.01", "100000000000000000000.02", True),
        ("less_than", 10, 9, True),
        ("less_than", 10, "9", True),
        ("at_most", "9.90", 9.9, True),
        ("at_most", 9, True, False),
        ("at_least", 0, "cheap", False),
        ("at_least", 0, "1_000", False),
        ("at_least", 0, None, False),
        ("at_least", 0, {"gross": 3}, False),
        ("is", "EUR", "EUR", True),
        ("is", "EUR", "eur", False),
        ("is", 50, "50.00", True),
        ("is", "050", "50", False),
        ("is", True, 1, False),
        ("is", None, None, True),
        ("is_not", "EUR", "USD", True),
        ("is_not", "EUR", "EUR", False),
        ("is_not", None, "x", True),
        ("contains", "tea", "Green TEA", True),
        ("contains", "tea", ["tea", "pot"], True),
        ("contains", "te", ["tea", "pot"], False),
        ("contains", 7, [1, 7], True),
        ("contains", "tea", 7, False),
        ("one_of", ["a", "b"], "b", True),
        ("one_of", ["a", 2], "2.0", True),
        ("one_of", ["a", "b"], "c", False),
    ],
)
def test_each_operator_compares(operator, value, given, holds):
    assert matches([test("x", operator, value)], {"x": given}) is holds


@pytest.mark.parametrize("operator", ["is", "more_than", "at_least", "less_than", "at_most", "contains", "one_of"])
def test_missing_data_matches_nothing(operator):
    value = ["1"] if operator == "one_of" else "1"
    assert not matches([test("x", operator, value)], {})


def test_missing_data_is_not_anything():
    assert matches([test("x", "is_not", "1")], {})


def test_all_comparisons_must_hold_also_two_of_one_field():
    between = [test("total", "at_least", 10), test("total", "less_than", 20)]
    assert matches(between, {"total": "15"})
    assert not matches(between, {"total": "20"})


@pytest.mark.parametrize(
    "where",
    [
        {"a": 1, "b": "x"},
        [test("total", "at_least", "50")],
        [test("total", "at_least", 10), test("total", "less_than", 20)],
        [test("list", "one_of", [key("club"), key("news")])],
    ],
)
def test_a_filter_is_written_as_it_was_read(where):
    assert dump(parse(graph(where)))["triggers"][0]["where"] == where


def test_the_long_form_of_equalities_is_written_shortly():
    assert dump(parse(graph([test("a", "is", 1)])))["triggers"][0]["where"] == {"a": 1}


@pytest.mark.parametrize(
    ("item", "field", "code"),
    [
        ("x", "where.0", "not_an_object"),
        ({"name": "x", "operator": "is"}, "where.0.value", "missing"),
        ({"name": "x", "operator": "like", "value": 1}, "where.0.operator", "not_a_choice"),
        ({"name": "", "operator": "is", "value": 1}, "where.0.name", "not_text"),
        (test("x", "at_least", "cheap"), "where.0.value", "not_a_number"),
        (test("x", "at_least", "Infinity"), "where.0.value", "not_a_number"),
        (test("x", "at_least", True), "where.0.value", "not_a_number"),
        (test("x", "is", {"a": 1}), "where.0.value", "not_plain"),
        (test("x", "is", "\x00"), "where.0.value", "not_plain"),
        (test("x", "contains", ""), "where.0.value", "not_plain"),
        (test("x", "one_of", []), "where.0.value", "no_values"),
        (test("x", "one_of", "a"), "where.0.value", "not_a_list"),
        (test("x", "one_of", [["a"]]), "where.0.value", "not_plain"),
        ({**test("x", "is", 1), "more": 1}, "where.0.more", "unknown_field"),
    ],
)
def test_what_cannot_be_asked_is_told_where_it_stands(item, field, code):
    assert [(one.step, one.field, one.code) for one in read(graph([item])).problems] == [("t1", field, code)]


def test_a_list_named_in_a_filter_is_a_reference():
    read_graph = parse(graph([test("list", "one_of", [key("club"), key("news")])]))
    assert [one.key for one in read_graph.references() if one.target == "list"] == [key("club"), key("news")]


def test_a_filter_is_told_in_words():
    told = parse(graph([test("total", "at_least", "50"), test("currency", "is", "EUR")])).triggers[0]
    assert told.sentence(References()) == (
        "When “order.placed” happens, where total is at least “50” and currency is “EUR”, once for each subject"
    )
