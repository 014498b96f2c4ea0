"""Steps that choose a way: by the contact, by the event, by chance."""

from datetime import UTC, datetime

import pytest

from tests.drawing import choosing
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.outcomes import Continue
from wagtail_flows.scenarios.outline import outlined
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import EventSnapshot, Situation
from wagtail_flows.segments.models import Segment


NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}
POLISH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "pl"}]}
NOBODY = "5f0c8f0e-6d3a-4c1e-9a57-3f1d2b7c9e10"


def at(**changes) -> Situation:
    return Situation(**{"now": NOON, "entered_at": NOON, "step_entered_at": NOON, **changes})


def by_language(**changes):
    branches = [{"outlet": "fr", "rule": FRENCH}, {"outlet": "pl", "rule": POLISH}]
    step = {"kind": "condition", "branches": branches, **changes}
    return choosing("placed", step, fr="exit french", pl="exit polish", otherwise="exit other")


def found(graph) -> list[tuple[str, str]]:
    return [
        (problem.field, problem.code)
        for problem in problems_of(graph, {})
        if problem.step == "choose" and not problem.field.startswith("outlets.")
    ]


def test_a_condition_asks_each_branch_and_the_first_that_holds_is_taken():
    step = parse(by_language()).step("choose")
    assert [question.answered_as for question in step.questions()] == ["fr", "pl"]
    assert step.decide(at(answers={"fr": False, "pl": True})) == Continue("pl")
    assert step.decide(at(answers={"fr": True, "pl": True})) == Continue("fr")


@pytest.mark.parametrize("answers", [{"fr": False, "pl": False}, {"fr": None}, {}])
def test_whom_no_branch_takes_goes_out_by_else(answers):
    assert parse(by_language()).step("choose").decide(at(answers=answers)) == Continue("else")


def test_a_condition_is_written_as_it_was_read():
    graph = by_language(branches=[{"outlet": "fr", "rule": FRENCH}, {"outlet": "pl", "segment": NOBODY}])
    assert dump(parse(graph)) == graph


@pytest.mark.parametrize(
    ("branches", "problem"),
    [
        ([], ("branches", "too_few")),
        ("fr", ("branches", "not_a_list")),
        ([{"outlet": "fr"}], ("branches.0.rule", "missing")),
        ([{"outlet": "else", "rule": FRENCH}], ("branches.0.outlet", "duplicate_outlet")),
        ([{"outlet": "f r", "rule": FRENCH}], ("branches.0.outlet", "not_an_identifier")),
        ([{"outlet": "fr", "rule": FRENCH, "segment": NOBODY}], ("branches.0.rule", "two_questions")),
        ([{"outlet": "fr", "rule": 7}], ("branches.0.rule", "not_an_object")),
        (
            [{"outlet": "fr", "rule": FRENCH}, {"outlet": "fr", "rule": POLISH}],
            ("branches.1.outlet", "duplicate_outlet"),
        ),
        ([{"outlet": f"b{number}", "rule": FRENCH} for number in range(21)], ("branches", "too_many")),
    ],
)
def test_what_is_wrong_with_the_branches_is_located(branches, problem):
    problems = read(by_language(branches=branches)).problems
    assert [(one.step, one.field, one.code) for one in problems] == [("choose", *problem)]


@pytest.mark.django_db
def test_every_branch_and_else_must_lead_somewhere():
    graph = by_language()
    graph["steps"][0]["outlets"] = {"fr": "fr-exit-1", "blue": "fr-exit-1"}
    problems = {(one.field, one.code) for one in problems_of(graph, {}) if one.step == "choose"}
    assert problems == {
        ("outlets.pl", "outlet_missing"),
        ("outlets.else", "outlet_missing"),
        ("outlets.blue", "outlet_unknown"),
    }


@pytest.mark.django_db
def test_a_rule_that_cannot_be_asked_is_located_in_its_branch():
    wrong = {"match": "all", "rules": [FRENCH, {"field": "contact.shoe", "operator": "is", "value": "42"}]}
    graph = by_language(branches=[{"outlet": "fr", "rule": FRENCH}, {"outlet": "pl", "rule": wrong}])
    assert found(graph) == [("branches.1.rule.1.field", "unknown_field")]


@pytest.mark.django_db
def test_a_segment_that_is_missing_or_cannot_be_asked_is_a_problem():
    broken = Segment.objects.create(name="Gone", rule={"match": "all", "rules": [{"field": "gone"}]})
    asked = [{"outlet": "fr", "segment": NOBODY}, {"outlet": "pl", "segment": str(broken.public_id)}]
    assert found(by_language(branches=asked)) == [
        ("branches.0.segment", "unknown_segment"),
        ("branches.1.segment", "segment_broken"),
    ]


@pytest.mark.django_db
def test_the_outline_says_the_rule_in_words():
    gold = Segment.objects.create(name="Gold", kind="static")
    asked = [{"outlet": "fr", "rule": FRENCH}, {"outlet": "pl", "segment": str(gold.public_id)}]
    line = outlined(by_language(branches=asked)).steps[0]
    assert line.text == "Choose by the contact – fr: Language is “fr”; pl: is in “Gold”"
    assert [branch.outlet for branch in line.branches] == ["fr", "pl", "else"]


def by_value():
    branches = [
        {"outlet": "big", "where": [{"name": "total", "operator": "at_least", "value": "100"}]},
        {"outlet": "web", "where": {"source": "web"}},
    ]
    return choosing("placed", {"kind": "split_by_data", "branches": branches}, big="exit", web="exit", otherwise="exit")


@pytest.mark.parametrize(
    ("data", "outlet"),
    [
        ({"total": "100.00"}, "big"),
        ({"total": 250, "source": "web"}, "big"),
        ({"total": "99.99", "source": "web"}, "web"),
        ({"total": "much"}, "else"),
        ({}, "else"),
    ],
)
def test_a_split_by_data_looks_at_the_event_and_says_what_it_saw(data, outlet):
    event = EventSnapshot("order.placed", NOON, {**data, "email": "x"}, "order:1", "7")
    assert parse(by_value()).step("choose").decide(at(event=event)) == Continue(outlet, {"data": data})


def test_a_split_by_data_without_its_event_goes_out_by_else():
    assert parse(by_value()).step("choose").decide(at()) == Continue("else")


def test_a_split_by_data_is_written_as_it_was_read_and_asks_for_its_filter():
    graph = by_value()
    assert dump(parse(graph)) == graph
    graph["steps"][0]["branches"][1]["where"] = {}
    assert [(one.field, one.code) for one in read(graph).problems] == [("branches.1.where", "missing")]


def at_random(**weights: int):
    branches = [{"outlet": outlet, "weight": weight} for outlet, weight in weights.items()]
    return choosing("placed", {"kind": "random_split", "branches": branches}, **dict.fromkeys(weights, "exit"))


def drawn(step, people=2_000, scenario="s1") -> list[str]:
    return [step.decide(at(contact=f"c{number}", scenario=scenario)).outlet for number in range(people)]


def test_a_random_split_keeps_its_shares_and_everybody_their_way():
    step = parse(at_random(a=70, b=30, c=0)).step("choose")
    first = drawn(step)
    assert first == drawn(step)
    assert 1_330 < first.count("a") < 1_470
    assert first.count("c") == 0


def test_splits_of_two_scenarios_are_independent():
    step = parse(at_random(a=1, b=1)).step("choose")
    same = sum(one == other for one, other in zip(drawn(step), drawn(step, scenario="s2"), strict=True))
    assert 900 < same < 1_100


@pytest.mark.parametrize(
    ("weights", "problem"),
    [
        ({"a": 1}, ("branches", "too_few")),
        ({"a": 0, "b": 0}, ("branches", "no_weight")),
        ({"a": 1, "b": -1}, ("branches.1.weight", "not_a_number")),
    ],
)
def test_a_random_split_has_two_branches_and_some_weight(weights, problem):
    assert [(one.field, one.code) for one in read(at_random(**weights)).problems] == [problem]


def test_a_random_split_says_its_shares_in_percent():
    step = parse(at_random(a=2, b=1)).step("choose")
    assert step.sentence(References()) == "Split at random – a: 67 %; b: 33 %"
    assert dump(parse(at_random(a=2, b=1))) == at_random(a=2, b=1)
