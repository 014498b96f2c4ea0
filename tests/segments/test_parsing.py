"""JSON becomes a typed rule and back; whatever can't be read is a located problem."""

import json

from decimal import Decimal

import pytest

from hypothesis import given
from hypothesis import strategies as st

from tests.segments.strategies import rules
from wagtail_flows.segments.fields import Field, Option, OptionKind
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.parsing import parse
from wagtail_flows.segments.rules import Clause, Condition, Group, RuleInvalid, dump


WHERE = Option("where", OptionKind.CONDITIONS, "where")
LIST = Option("list", OptionKind.REFERENCE, "list", refers_to="list", is_required=True)
FIELDS = {
    field.name: field
    for field in (
        Field("text", "text", "test", FieldType.TEXT),
        Field("number", "number", "test", FieldType.NUMBER),
        Field("boolean", "boolean", "test", FieldType.BOOLEAN),
        Field("date", "date", "test", FieldType.DATE),
        Field("moment", "moment", "test", FieldType.MOMENT),
        Field("colour", "colour", "test", FieldType.CHOICE, choices=(("red", "red"), ("blue", "blue"))),
        Field(
            "event", "event", "test", FieldType.COUNT, options=(Option("within_days", OptionKind.DAYS, "within"), WHERE)
        ),
        Field("list", "list", "test", FieldType.MEMBERSHIP, refers_to="list"),
    )
}
SINCE = {"since": Field("since", "since", "test", FieldType.MOMENT, options=(LIST,))}
REFERENCES = {"list": {"known": "Newsletter"}}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["match", "rules", "field", "operator", "value", "options", "where", "x"])
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def group(*clauses, match="all"):
    return {"match": match, "rules": list(clauses)}


def problems(data, fields=FIELDS, references=REFERENCES):
    with pytest.raises(RuleInvalid) as caught:
        parse(data, fields, references)
    return [(problem.step, problem.field, problem.code) for problem in caught.value.problems]


@given(rules(list(FIELDS.values())))
def test_what_is_dumped_is_parsed_back_the_same(rule):
    data = json.loads(json.dumps(dump(rule)))
    assert parse(data, FIELDS) == rule
    assert dump(parse(data, FIELDS)) == data


@given(json_values)
def test_whatever_json_comes_there_is_a_rule_or_problems(data):
    try:
        parsed = parse(data, FIELDS)
    except RuleInvalid as invalid:
        parsed, told = None, invalid.problems
    assert told if parsed is None else parse(dump(parsed), FIELDS) == parsed


def test_values_are_typed_by_their_field():
    parsed = parse(group({"field": "number", "operator": "at_least", "value": "12.50"}), FIELDS)
    assert parsed == Group("all", (Clause("number", "at_least", Decimal("12.50")),))


def test_tests_on_an_events_data_are_typed_too():
    where = [
        {"name": "total", "operator": "at_least", "value": "50"},
        {"name": "source", "operator": "is", "value": "x"},
    ]
    parsed = parse(group({"field": "event", "operator": "never", "options": {"where": where}}), FIELDS)
    assert parsed.rules[0].option("where") == (
        Condition("total", "at_least", Decimal(50)),
        Condition("source", "is", "x"),
    )


@pytest.mark.parametrize(
    ("clause", "where", "code"),
    [
        ({"field": "gone", "operator": "is", "value": "x"}, "field", "unknown_field"),
        ({"field": ["text"], "operator": "is", "value": "x"}, "field", "unknown_field"),
        ({"field": "text", "operator": "like", "value": "x"}, "operator", "unknown_operator"),
        ({"field": "text", "operator": "is", "value": 3}, "value", "empty"),
        ({"field": "text", "operator": "is", "value": "   "}, "value", "empty"),
        ({"field": "text", "operator": "is", "value": "a\x00b"}, "value", "bad_character"),
        ({"field": "text", "operator": "is", "value": "\ud800"}, "value", "bad_character"),
        ({"field": "text", "operator": "is", "value": "x" * 501}, "value", "too_long"),
        ({"field": "text", "operator": "is_set", "value": "x"}, "value", "no_value"),
        ({"field": "number", "operator": "equals", "value": "NaN"}, "value", "not_a_number"),
        ({"field": "number", "operator": "equals", "value": 1.5}, "value", "not_a_number"),
        ({"field": "number", "operator": "equals", "value": True}, "value", "not_a_number"),
        ({"field": "number", "operator": "equals", "value": "1e99"}, "value", "not_a_number"),
        ({"field": "number", "operator": "between", "value": ["2", "1"]}, "value", "wrong_order"),
        ({"field": "number", "operator": "between", "value": ["2"]}, "value", "wrong_count"),
        ({"field": "date", "operator": "on", "value": "2026-02-30"}, "value", "not_a_date"),
        ({"field": "date", "operator": "on", "value": "yesterday!"}, "value", "not_a_date"),
        ({"field": "date", "operator": "month_is", "value": 13}, "value", "not_a_count"),
        ({"field": "moment", "operator": "in_last_days", "value": -1}, "value", "not_a_count"),
        ({"field": "colour", "operator": "is", "value": "green"}, "value", "unknown_choice"),
        ({"field": "list", "operator": "in_any_of", "value": ["gone"]}, "value", "gone"),
        ({"field": "list", "operator": "in_any_of", "value": []}, "value", "wrong_count"),
        ({"field": "event", "operator": "never", "options": {"color": 1}}, "color", "unknown_part"),
        ({"field": "event", "operator": "never", "options": {"where": [{}]}}, "where", "bad_condition"),
        ({"field": "event", "operator": "never", "options": []}, "options", "no_options"),
        ({"field": "text", "operator": "is", "value": "x", "weight": 1}, "weight", "unknown_part"),
        ("text", "", "not_a_clause"),
    ],
)
def test_a_problem_says_where_it_is(clause, where, code):
    fine = {"field": "boolean", "operator": "is_true"}
    assert problems(group(fine, group(clause, match="any"))) == [("1.0", where, code)]


def test_an_option_that_is_needed_is_asked_for():
    assert problems(group({"field": "since", "operator": "is_set"}), SINCE) == [("0", "list", "missing")]


def test_every_problem_is_told_at_once():
    bad = {"field": "gone", "operator": "is"}
    assert [step for step, _where, _code in problems(group(bad, group(bad, bad)))] == ["0", "1.0", "1.1"]


def test_two_hundred_clauses_are_fine_and_one_more_is_not():
    clause = {"field": "boolean", "operator": "is_true"}
    assert len(parse(group(*[clause] * 200), FIELDS).rules) == 200
    assert problems(group(*[clause] * 201)) == [("", "rules", "too_many")]


def test_ten_levels_are_fine_and_one_more_is_not():
    deep = group()
    for _level in range(9):
        deep = group(deep)
    assert parse(deep, FIELDS)
    assert [code for _step, _where, code in problems(group(deep))] == ["too_deep"]
