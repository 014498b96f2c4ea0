"""The winner of a random split, as values: when it is looked for, who it is, and who goes where."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from hypothesis import given
from hypothesis import strategies as st

from tests.drawing import choosing
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.outcomes import Continue
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Question, Situation
from wagtail_flows.scenarios.steps.random_split import SPLIT_TAKEN
from wagtail_flows.scenarios.winners import Doubt, Tally, judge


NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
WEEK = {"by": "clicks", "sample": 100, "after": {"amount": 7, "unit": "days"}}
DATE = {"by": "opens", "sample": 1, "date": "2026-03-29", "at": "02:30"}
ASKED_ALWAYS = Question(SPLIT_TAKEN, "choose", key="taken", is_of_scenario=True)
MONEY = {"by": "revenue", "sample": 100, "after": {"amount": 48, "unit": "hours"}, "within_days": 14}


def split(winner, weights=(1, 1), way="exit"):
    branches = [{"outlet": outlet, "weight": weight} for outlet, weight in zip("ab", weights, strict=True)]
    return choosing("placed", {"kind": "random_split", "branches": branches, "winner": winner}, a=way, b=way)


def step(winner, **more):
    return parse(split(winner, **more)).step("choose")


def tallies(*pairs):
    return [Tally(outlet, people, Decimal(score)) for outlet, (people, score) in zip("abc", pairs, strict=False)]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (tallies((100, 10), (100, 11)), "b"),
        (tallies((200, 19), (100, 10)), "b"),  # 9.5 % against 10 %
        (tallies((100, 10), (200, 20)), Doubt.TIE),
        (tallies((100, 0), (100, 0)), Doubt.TIE),
        (tallies((100, 10), (99, 90)), Doubt.TOO_FEW),
        (tallies((100, 5), (100, 9), (100, 9)), Doubt.TIE),
        (tallies((300, "1000.01"), (100, "333.34")), "b"),  # 3.33336… against 3.3334
        (tallies((100, 10)), "a"),
        ([], Doubt.TOO_FEW),
    ],
)
def test_the_best_for_each_person_wins_if_enough_were_seen(found, verdict):
    assert judge(found, 100) == verdict


@given(st.lists(st.tuples(st.integers(0, 50), st.decimals(0, 1000, places=2)), min_size=1, max_size=3))
def test_a_winner_is_better_than_all_others(pairs):
    found = tallies(*pairs)
    verdict = judge(found, 1)
    if isinstance(verdict, Doubt):
        return
    best = next(one for one in found if one.outlet == verdict)
    assert all(best.score * other.people > other.score * best.people for other in found if other is not best)


@pytest.mark.parametrize(
    ("winner", "zone", "expected"),
    [
        (WEEK, "Europe/Paris", "2026-04-01 12:00"),  # seven calendar days over the change: 14:00 +02
        (MONEY, "Europe/Paris", "2026-03-27 13:00"),
        (DATE, "Europe/Paris", "2026-03-29 01:30"),  # 2:30 is skipped
        (DATE, "America/New_York", "2026-03-29 06:30"),
        (DATE, "Asia/Kathmandu", "2026-03-28 20:45"),
        (DATE, "Pacific/Apia", "2026-03-28 13:30"),
    ],
)
def test_it_is_looked_for_at_a_date_or_so_long_after_publishing(winner, zone, expected):
    published = datetime(2026, 3, 25, 13, tzinfo=UTC)
    assert step(winner).winner.due_at(published, ZoneInfo(zone)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def ways(found, people=500, **answers):
    values = {"now": NOON, "entered_at": NOON, "step_entered_at": NOON, "scenario": "s1", "answers": answers}
    return [found.decide(Situation(**values, contact=f"c{number}")).outlet for number in range(people)]


def test_until_there_is_a_winner_the_weights_hold_and_then_everybody_new_takes_it():
    found = step(WEEK)
    assert ways(found) == ways(found, winner=None, taken=None)
    assert 200 < ways(found).count("a") < 300
    assert set(ways(found, winner="b")) == {"b"}


def test_who_passed_before_keeps_their_way():
    assert set(ways(step(WEEK), winner="b", taken="a")) == {"a"}
    values = {"now": NOON, "entered_at": NOON, "step_entered_at": NOON}
    known = Situation(**values, answers={"winner": "b", "taken": "gone"})
    assert step(WEEK).decide(known) == Continue("b")


def test_without_a_rule_only_the_way_taken_before_is_asked():
    graph = split(WEEK)
    del graph["steps"][0]["winner"]
    assert parse(graph).step("choose").questions() == (ASKED_ALWAYS,)


def test_another_way_weight_or_rule_makes_another_split_and_nothing_else_does():
    found = step(WEEK)
    assert found.fingerprint == step(dict(reversed(WEEK.items()))).fingerprint
    others = [step({**WEEK, "sample": 99}), step(WEEK, weights=(1, 2)), step(WEEK, way="wait 1d > exit")]
    assert len({found.fingerprint, *(other.fingerprint for other in others)}) == 4


@pytest.mark.parametrize(
    ("winner", "words"),
    [
        (WEEK, "7 days after publishing, the branch with the most clicks wins, once each has seen 100 people"),
        (DATE, "from 2026-03-29, 02:30, the branch with the most opens wins, once each has seen 1 person"),
        (MONEY, "48 hours after publishing, the branch with the most revenue wins, once each has seen 100 people"),
    ],
)
def test_it_says_how_the_winner_is_found_and_is_written_as_it_was_read(winner, words):
    graph = split(winner)
    assert not read(graph).problems
    assert dump(parse(graph)) == graph
    assert step(winner).sentence(References()) == f"Split at random – a: 50 %; b: 50 %; {words}"


@pytest.mark.parametrize(
    ("winner", "problem"),
    [
        ({**WEEK, "by": "luck"}, ("winner.by", "not_a_choice")),
        ({**WEEK, "sample": 0}, ("winner.sample", "not_a_number")),
        ({"by": "opens", "sample": 1}, ("winner.after", "missing")),
        ({**WEEK, "after": {"amount": 0, "unit": "days"}}, ("winner.after.amount", "not_a_number")),
        ({**WEEK, "date": "2026-03-29", "at": "02:30"}, ("winner.after", "two_dates")),
        ({**DATE, "date": "2026-02-30"}, ("winner.date", "not_a_date")),
        ({**DATE, "at": "2"}, ("winner.at", "not_a_time")),
        ({**WEEK, "at": "02:30"}, ("winner.at", "unknown_field")),
        ({**WEEK, "within_days": 7}, ("winner.within_days", "unknown_field")),
        ({**MONEY, "within_days": 91}, ("winner.within_days", "not_a_number")),
        ([], ("winner", "not_an_object")),
    ],
)
def test_what_is_wrong_is_located(winner, problem):
    assert [(one.field, one.code) for one in read(split(winner)).problems] == [problem]


def test_there_must_be_somebody_to_win_against():
    assert [(one.field, one.code) for one in read(split(WEEK, weights=(1, 0))).problems] == [("winner", "one_branch")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("by", "way", "code"),
    [
        ("clicks", "exit", "winner_without_mail"),
        ("clicks", "wait 1d > send thanks > exit", None),
        ("goal", "exit", "winner_without_goal"),
        ("revenue", "exit", None),
    ],
)
def test_a_warning_where_no_branch_could_ever_win(by, way, code):
    found = [one for one in problems_of(split({**WEEK, "by": by}, way=way), {}) if one.field == "winner.by"]
    assert [(one.step, one.code, one.is_warning) for one in found] == ([("choose", code, True)] if code else [])
