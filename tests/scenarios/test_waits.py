"""Waits for dates and windows, goals and jumps, decided by values alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.drawing import choosing, scenario
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.outcomes import Continue, Finish, Wait
from wagtail_flows.scenarios.references import KnownProperty, References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.validating import validate


PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
DATE = {"kind": "wait_until_date", "date": "2026-12-24", "at": "09:00", "late": None}
PROPERTY = {"kind": "wait_until_property", "property": "renewal", "days": -3, "at": "09:00", "late": None}
WINDOW = {"kind": "wait_until_window", "from": "09:00", "to": "18:00", "weekdays": [1, 2, 3, 4, 5]}
GOAL = {"kind": "goal", "name": "Bought", "ends": False}


def step(fields, **ways):
    return parse(choosing("placed", fields, **(ways or {"next": "exit"}))).step("choose")


def at(now: datetime = NOON, **changes) -> Situation:
    return Situation(**{"now": now, "entered_at": NOON, "step_entered_at": NOON, "zone": PARIS, **changes})


def test_a_wait_until_a_date_is_on_the_clock_of_the_contact():
    eve = datetime(2026, 12, 24, 8, tzinfo=UTC)
    assert step(DATE).decide(at()) == Wait(eve)
    assert step(DATE).decide(at(eve)) == Continue("next")


def test_who_comes_too_late_for_a_date_takes_the_way_out():
    fields = {**DATE, "late": {"skip_after_hours": 1}}
    after = datetime(2026, 12, 24, 10, tzinfo=UTC)
    assert step(fields).decide(at(after)) == Finish("too_late", after)
    assert step(fields, next="exit", late="exit").decide(at(after)) == Continue("late")


def test_a_wait_until_a_date_of_the_contact_hangs_on_it():
    known = {"property": "2026-04-02"}
    moment = datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert step(PROPERTY).decide(at(answers=known)) == Wait(moment, hangs_on="renewal")
    assert step(PROPERTY).decide(at(moment, answers=known)) == Continue("next")


def test_who_has_no_date_goes_out_by_its_way_or_leaves():
    assert step(PROPERTY).decide(at(answers={"property": None})) == Finish("no_date", NOON)
    assert step(PROPERTY, next="exit", no_date="exit").decide(at(answers={})) == Continue("no_date")


def test_a_wait_for_a_window_lets_through_who_comes_within():
    assert step(WINDOW).decide(at()) == Continue("next")
    evening = NOON + timedelta(hours=8)
    assert step(WINDOW).decide(at(evening)) == Wait(datetime(2026, 3, 23, 8, tzinfo=UTC))


def test_who_is_too_late_for_a_window_takes_the_way_out():
    fields = {**WINDOW, "late": {"skip_after_hours": 2}}
    evening, monday = NOON + timedelta(hours=8), datetime(2026, 3, 23, 8, tzinfo=UTC)
    came = {"step_entered_at": evening}
    assert step(fields).decide(at(evening, **came)) == Wait(monday, late=timedelta(hours=2))
    in_time, late = monday + timedelta(hours=2), monday + timedelta(hours=2, minutes=1)
    assert step(fields).decide(at(in_time, **came)) == Continue("next")
    assert step(fields).decide(at(late, **came)) == Finish("too_late", late)
    assert step(fields, next="exit", late="exit").decide(at(late, **came)) == Continue("late")
    assert step(WINDOW).decide(at(late + timedelta(days=4), **came)) == Continue("next")


def test_who_has_missed_a_window_isnt_kept_waiting_for_one_that_is_too_late():
    fields = {**WINDOW, "to": "10:00", "late": {"skip_after_hours": 3}}
    missed = datetime(2026, 3, 23, 9, 30, tzinfo=UTC)
    came = {"step_entered_at": missed - timedelta(hours=12)}
    assert step(fields).decide(at(missed, **came)) == Finish("too_late", missed)
    tomorrow = Wait(datetime(2026, 3, 24, 8, tzinfo=UTC), late=timedelta(hours=24))
    assert step({**fields, "late": {"skip_after_hours": 24}}).decide(at(missed, **came)) == tomorrow


def test_a_goal_ends_or_goes_on():
    assert step(GOAL).decide(at()) == Continue("next", {"goal": "Bought"})
    ending = {**choosing("placed", {**GOAL, "ends": True}), "exits": []}
    assert parse(ending).step("choose").decide(at()) == Finish("goal", NOON)


@pytest.mark.parametrize(
    "fields",
    [
        DATE,
        PROPERTY,
        WINDOW,
        {**WINDOW, "from": "22:00"},
        {**WINDOW, "late": {"skip_after_hours": 2}},
        GOAL,
        {"kind": "jump"},
    ],
)
def test_each_is_written_as_it_was_read(fields):
    graph = choosing("placed", fields, next="exit")
    assert dump(parse(graph)) == graph


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (DATE, "Wait until 2026-12-24, 09:00"),
        (PROPERTY, "Wait until 3 days before the date in “Renewal”, 09:00"),
        ({**PROPERTY, "days": 1}, "Wait until 1 day after the date in “Renewal”, 09:00"),
        ({**PROPERTY, "days": 0}, "Wait until the date in “Renewal”, 09:00"),
        (WINDOW, "Wait until it is between 09:00 and 18:00 on Mon, Tue, Wed, Thu, Fri"),
        (
            {"kind": "wait_until_window", "from": "09:00", "to": "18:00", "late": {"skip_after_hours": 2}},
            "Wait until it is between 09:00 and 18:00; who is more than 2 hours late doesn’t go on",
        ),
        (GOAL, "Goal reached: Bought"),
        ({"kind": "jump"}, "Jump to step next-exit-1"),
    ],
)
def test_each_says_what_it_does(fields, sentence):
    names = References(properties={"renewal": KnownProperty("Renewal", "date")})
    assert step(fields).sentence(names) == sentence


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({**DATE, "date": "2026-02-30"}, ("date", "not_a_date")),
        ({**DATE, "date": "20261224"}, ("date", "not_a_date")),
        ({**DATE, "at": "24:00"}, ("at", "not_a_time")),
        ({**PROPERTY, "days": 4_000}, ("days", "not_a_number")),
        ({**WINDOW, "weekdays": []}, ("weekdays", "not_weekdays")),
        ({**WINDOW, "weekdays": [1, 1]}, ("weekdays", "not_weekdays")),
        ({**WINDOW, "weekdays": [0]}, ("weekdays", "not_weekdays")),
        ({**WINDOW, "to": 18}, ("to", "not_text")),
        ({**WINDOW, "late": {"skip_after_hours": 0}}, ("late.skip_after_hours", "not_a_number")),
        ({**GOAL, "ends": "no"}, ("ends", "not_a_flag")),
    ],
)
def test_what_is_wrong_is_located(fields, problem):
    assert [(one.field, one.code) for one in read(choosing("placed", fields, next="exit")).problems] == [problem]


@pytest.mark.parametrize(
    ("known", "code"), [({}, "unknown_property"), ({"renewal": KnownProperty("Renewal", "text")}, "wrong_type")]
)
def test_the_property_must_be_a_known_date(known, code):
    problems = validate(parse(choosing("placed", PROPERTY, next="exit")), References(properties=known))
    assert [(one.step, one.field) for one in problems if one.code == code] == [("choose", "property")]


def test_a_jump_back_needs_a_wait_like_any_loop():
    graph = scenario("placed > wait 1d > exit")
    graph["steps"][0]["outlets"] = {"next": "choose"}
    by_date = [{"outlet": "again", "where": {"again": True}}]
    graph["steps"] += [
        {"id": "choose", "kind": "split_by_data", "branches": by_date, "outlets": {"again": "back", "else": "exit-1"}},
        {"id": "back", "kind": "jump", "outlets": {"next": "wait-1"}},
    ]
    assert "loop_without_wait" not in {one.code for one in validate(parse(graph), References())}
    graph["steps"][-1]["outlets"] = {"next": "choose"}
    assert "loop_without_wait" in {one.code for one in validate(parse(graph), References())}
