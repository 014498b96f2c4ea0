"""A graph is read strictly and given back as it was."""

import json
import string

import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drawing import scenario
from wagtail_flows.scenarios.durations import Unit
from wagtail_flows.scenarios.graph import MAX_STEPS, dump, parse, read
from wagtail_flows.scenarios.problems import GraphInvalid
from wagtail_flows.scenarios.steps.exit import AfterDays, Exit
from wagtail_flows.scenarios.steps.send_email import SendEmail
from wagtail_flows.scenarios.steps.wait import After, Wait


IDS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12)
UUIDS = st.uuids().map(str)
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("abcé…'\" ", max_size=20)
JSON = st.recursive(
    PLAIN | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
REENTER = st.sampled_from(["never", "at_once"]) | st.integers(1, 3650).map(lambda days: {"after_days": days})
LATE = st.none() | st.integers(1, 87_600).map(lambda hours: {"skip_after_hours": hours})
WHERE = st.dictionaries(IDS, PLAIN, min_size=1, max_size=3)


@st.composite
def graphs(draw):
    """Any graph that can be read, in the form in which it is given back."""
    identifiers = draw(st.lists(IDS, min_size=1, max_size=8, unique=True))
    outlets = st.dictionaries(st.sampled_from(["next", "late"]), st.sampled_from(identifiers), min_size=1)
    kinds = {
        "wait": st.fixed_dictionaries(
            {
                "amount": st.integers(1, 3650),
                "unit": st.sampled_from(["minutes", "hours", "days"]),
                "after": st.sampled_from(["entry", "event"]),
                "late": LATE,
                "outlets": outlets,
            }
        ),
        "send_email": st.fixed_dictionaries({"message": UUIDS, "list": st.none() | UUIDS, "outlets": outlets}),
        "exit": st.fixed_dictionaries({"reason": IDS, "reenter": REENTER}),
    }
    event = {"event": st.sampled_from(["order.placed", "list.subscribed"])}
    where = {"where": WHERE}
    trigger = st.fixed_dictionaries(
        {"kind": st.just("event"), "reentry": st.sampled_from(["once", "once_per_subject", "every_time"]), **event},
        optional=where,
    )
    names = draw(st.lists(IDS.filter(lambda name: name not in identifiers), max_size=3, unique=True))
    steps = [(name, draw(st.sampled_from(sorted(kinds)))) for name in identifiers]
    return {
        "triggers": [{"id": name, **draw(trigger)} for name in names],
        "exits": draw(
            st.lists(st.fixed_dictionaries({"same_subject": st.booleans(), **event}, optional=where), max_size=2)
        ),
        "start": draw(st.sampled_from(identifiers)),
        "steps": [{"id": name, "kind": kind, **draw(kinds[kind])} for name, kind in steps],
    }


def found(graph) -> set[tuple[str, str, str]]:
    """The places and codes of the problems with a graph."""
    return {(problem.step, problem.field, problem.code) for problem in read(graph).problems}


def with_step(**changes):
    graph = scenario("placed > wait 1d > send thanks")
    graph["steps"][0] |= changes
    return graph


@given(graphs())
def test_what_was_read_is_given_back_the_same(graph):
    assert dump(parse(graph)) == graph
    assert parse(dump(parse(graph))) == parse(graph)
    assert dump(parse(json.loads(json.dumps(graph)))) == graph


@given(JSON)
def test_no_json_makes_it_fail(data):
    assert read(data).problems


@settings(max_examples=300)
@given(graphs(), st.data())
def test_a_graph_damaged_anywhere_gives_problems_or_a_graph(graph, data):
    holders = [graph, *graph["steps"], *graph["triggers"], *graph["exits"]]
    holder = data.draw(st.sampled_from(holders))
    holder[data.draw(st.sampled_from(sorted(holder)) | st.text(max_size=5))] = data.draw(JSON)
    reading = read(graph)
    if reading.problems:
        with pytest.raises(GraphInvalid):
            parse(graph)
    else:
        assert parse(dump(reading.graph)) == reading.graph


def test_a_drawing_becomes_frozen_steps():
    graph = parse(scenario("delivered > wait 10d after event late 48h > send thanks to club > exit bought 30d"))
    wait, send, end = graph.steps
    assert isinstance(wait, Wait)
    assert (wait.duration.amount, wait.duration.unit, wait.after, wait.lateness.skip_after_hours) == (
        10,
        Unit.DAYS,
        After.EVENT,
        48,
    )
    assert isinstance(send, SendEmail)
    assert isinstance(end, Exit)
    assert end.reenter == AfterDays(30)
    assert graph.step("send-1") is send
    with pytest.raises(AttributeError):
        wait.after = After.ENTRY


@pytest.mark.parametrize("data", [None, [], "graph", 3, float("nan"), True])
def test_something_else_than_an_object_is_one_problem(data):
    assert found(data) == {("", "", "not_an_object")}


def test_an_empty_object_is_told_that_it_has_no_start():
    assert found({}) == {("", "start", "missing")}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"amount": 0}, "amount", "not_a_number"),
        ({"amount": "10"}, "amount", "not_a_number"),
        ({"amount": True}, "amount", "not_a_number"),
        ({"amount": 1.5}, "amount", "not_a_number"),
        ({"amount": float("nan")}, "amount", "not_a_number"),
        ({"amount": 10**400}, "amount", "not_a_number"),
        ({"unit": "weeks"}, "unit", "not_a_choice"),
        ({"unit": ["days"]}, "unit", "not_a_choice"),
        ({"after": None}, "after", "not_a_choice"),
        ({"late": 48}, "late", "not_an_object"),
        ({"late": {}}, "late.skip_after_hours", "missing"),
        ({"late": {"skip_after_hours": 1, "else": 2}}, "late.else", "unknown_field"),
        ({"outlets": ["send-1"]}, "outlets", "not_an_object"),
        ({"outlets": {"next": None}}, "outlets.next", "bad_outlet"),
        ({"outlets": {f"o{n}": "send-1" for n in range(99)}}, "outlets.", "too_many"),
        ({"kind": "teleport"}, "kind", "not_a_choice"),
        ({"kind": None}, "kind", "not_a_choice"),
        ({"color": "red"}, "color", "unknown_field"),
    ],
)
def test_a_wrong_field_is_named_with_its_step(changes, field, code):
    assert ("wait-1", field, code) in found(with_step(**changes))


@pytest.mark.parametrize("identifier", [None, "", 7, "wait 1", "é", "\u202eabc", "a" * 65, "wait-1\n", {"a": 1}])
def test_an_id_that_is_none_is_located_by_its_position(identifier):
    assert ("", "steps.0.id", "bad_id") in found(with_step(id=identifier))


def test_an_id_used_twice_is_a_problem():
    assert found(with_step(id="send-1")) == {("send-1", "id", "duplicate_id")}


def test_a_step_and_a_trigger_cannot_share_an_id():
    assert found(with_step(id="t1")) == {("t1", "id", "duplicate_id")}


def test_a_step_that_is_not_an_object_is_located_by_its_position():
    graph = scenario("placed > wait 1d")
    graph["steps"].insert(1, ["wait"])
    assert found(graph) == {("", "steps.1", "not_an_object")}


def test_a_message_must_be_named_by_a_uuid():
    graph = scenario("placed > send thanks")
    graph["steps"][0]["message"] = "thanks"
    assert found(graph) == {("send-1", "message", "not_a_key")}


@pytest.mark.parametrize("value", [[1], {"a": {}}, float("inf"), "\x00", "\ud800", "x" * 201, 2**70])
def test_a_filter_compares_plain_values_only(value):
    graph = scenario("placed > wait 1d")
    graph["triggers"][0]["where"] = {"shop": value}
    assert found(graph) == {("t1", "where.shop", "not_plain")}


def test_an_exit_rule_must_say_whether_it_is_about_the_same_subject():
    graph = scenario("placed > wait 1d ! cancelled")
    del graph["exits"][0]["same_subject"]
    assert found(graph) == {("", "exits.0.same_subject", "missing")}


def test_unknown_fields_of_the_whole_are_problems():
    assert found({**scenario("placed > wait 1d"), "positions": {}}) == {("", "positions", "unknown_field")}


def test_all_problems_are_told_at_once():
    graph = scenario("placed > wait 1d > send thanks")
    graph["steps"][0]["amount"] = -1
    graph["steps"][1]["message"] = 5
    del graph["triggers"][0]["event"]
    with pytest.raises(GraphInvalid) as caught:
        parse(graph)
    assert [problem.step for problem in caught.value.problems] == ["t1", "wait-1", "send-1"]
    assert "wait-1.amount: “amount” must be a whole number" in str(caught.value)


def test_what_can_be_read_of_a_broken_draft_is_read():
    reading = read(with_step(amount=-1))
    assert [step.id for step in reading.graph.steps] == ["send-1", "exit-1"]


def test_a_thousand_steps_are_read_and_more_are_refused():
    drawn = scenario("placed > " + " > ".join(["wait 1m"] * (MAX_STEPS - 1)))
    assert len(parse(drawn).steps) == MAX_STEPS
    drawn["steps"].append({"id": "one-more", "kind": "exit"})
    assert ("", "steps", "too_many") in found(drawn)


def test_ten_megabytes_of_anything_are_a_few_problems():
    graph = {"start": "x" * 10_000_000, "steps": [{}] * 1_000_000, "y" * 1_000_000: 1}
    problems = read(graph).problems
    assert len(problems) == 3
    assert sum(len(str(problem.text)) + len(problem.field) for problem in problems) < 2_000


def test_nesting_ten_thousand_deep_is_not_followed():
    deep: list = []
    for _ in range(10_000):
        deep = [deep]
    assert found({**scenario("placed > wait 1d"), "deep": deep}) == {("", "deep", "unknown_field")}
    assert ("wait-1", "outlets", "not_an_object") in found(with_step(outlets=deep))


@pytest.mark.parametrize("name", ["\ud800", "a\x00b", "\u202e", "x" * 100_000])
def test_problems_can_be_stored_and_sent_whatever_was_written(name):
    for graph in ({name: 1}, with_step(**{name: 1}), with_step(outlets={name: name})):
        for problem in read(graph).problems:
            told = f"{problem.field} {problem.text}"
            assert "\x00" not in told.encode().decode()
            assert len(told) < 1_000
