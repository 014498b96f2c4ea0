"""Steps decide by values alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hypothesis import given
from hypothesis import strategies as st

from tests.drawing import key, scenario
from wagtail_flows.scenarios.dates import days_later
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.outcomes import Continue, Finish, Send, Wait
from wagtail_flows.scenarios.references import KnownMessage, References
from wagtail_flows.scenarios.situation import EventSnapshot, Situation


PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
ZONES = ["UTC", "Europe/Paris", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"]
EVER = (datetime(1990, 1, 1), datetime(2035, 1, 1))  # noqa: DTZ001 (hypothesis adds the zone)
MOMENTS = st.datetimes(*EVER, timezones=st.just(UTC))


def first_step(drawing: str):
    return parse(scenario(f"placed > {drawing}")).steps[0]


def at(now: datetime, **changes) -> Situation:
    return Situation(**{"now": now, "entered_at": NOON, "step_entered_at": NOON, **changes})


def delivered(occurred_at: datetime, **data) -> EventSnapshot:
    return EventSnapshot("order.delivered", occurred_at, data, "order:1", "7")


@pytest.mark.parametrize(
    ("drawing", "length"),
    [("wait 90m", timedelta(minutes=90)), ("wait 4h", timedelta(hours=4)), ("wait 3d", timedelta(days=3))],
)
def test_a_wait_counts_from_coming_to_it(drawing, length):
    step = first_step(drawing)
    assert step.decide(at(NOON)) == Wait(NOON + length)
    assert step.decide(at(NOON + length - timedelta(seconds=1))) == Wait(NOON + length)
    assert step.decide(at(NOON + length)) == Continue("next")


def test_a_wait_after_the_event_counts_from_its_date_however_late_it_was_told():
    step = first_step("wait 10d after event")
    event = delivered(NOON - timedelta(days=4))
    assert step.decide(at(NOON, event=event)) == Wait(NOON + timedelta(days=6))
    assert step.decide(at(NOON, event=delivered(NOON - timedelta(days=11)))) == Continue("next")


def test_a_wait_after_an_event_that_is_forgotten_counts_from_the_entry():
    step = first_step("wait 2d after event")
    assert step.decide(at(NOON, entered_at=NOON - timedelta(days=1))) == Wait(NOON + timedelta(days=1))


def test_days_keep_the_time_of_day_when_summer_time_begins():
    step = first_step("wait 10d")  # 20 March 13:00 in Paris + 10 days, over the night of 29 March 2026
    assert step.decide(at(NOON, zone=PARIS)) == Wait(datetime(2026, 3, 30, 13, tzinfo=PARIS))
    assert step.decide(at(NOON, zone=PARIS)) == Wait(NOON + timedelta(days=10, hours=-1))


def test_a_time_that_summer_time_skips_is_moved_forward():
    half_past_two = datetime(2026, 3, 28, 2, 30, tzinfo=PARIS)
    assert days_later(half_past_two, 1, PARIS) == datetime(2026, 3, 29, 3, 30, tzinfo=PARIS)


def test_of_a_time_that_exists_twice_the_first_is_meant():
    half_past_two = datetime(2026, 10, 24, 2, 30, tzinfo=PARIS)
    assert days_later(half_past_two, 1, PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(MOMENTS, st.integers(1, 3650), st.sampled_from(ZONES))
def test_days_are_calendar_days_in_any_zone(moment, days, name):
    zone = ZoneInfo(name)
    later, local = days_later(moment, days, zone), moment.astimezone(zone)
    assert later.tzinfo is UTC
    wanted = local.replace(tzinfo=None, fold=0) + timedelta(days=days)
    reached = later.astimezone(zone).replace(tzinfo=None, fold=0)
    # Equal, but where that wall-clock time was skipped: an hour in spring, a whole day in Apia at the end of 2011.
    assert timedelta(0) <= reached - wanted <= timedelta(days=1)
    assert reached == wanted or later.astimezone(zone).utcoffset() != wanted.replace(tzinfo=zone).utcoffset()


@given(MOMENTS, st.integers(1, 400), st.sampled_from(ZONES))
def test_more_days_are_never_sooner(moment, days, name):
    zone = ZoneInfo(name)
    assert moment < days_later(moment, days, zone) <= days_later(moment, days + 1, zone)


def test_whoever_is_late_goes_on_unless_it_is_said_otherwise():
    assert first_step("wait 1d").decide(at(NOON + timedelta(days=300))) == Continue("next")


def test_whoever_is_later_than_allowed_leaves_and_may_come_back():
    step = first_step("wait 1d late 48h")
    on_time = NOON + timedelta(days=1)
    assert step.decide(at(NOON)) == Wait(on_time, late=timedelta(hours=48))
    assert step.decide(at(on_time + timedelta(hours=48))) == Continue("next")
    too_late = on_time + timedelta(hours=48, seconds=1)
    assert step.decide(at(too_late)) == Finish("too_late", reenter_after=too_late)


def test_whoever_is_too_late_takes_the_outlet_for_that_where_there_is_one():
    graph = scenario("placed > wait 1d late 1h > send thanks")
    graph["steps"][0]["outlets"]["late"] = "exit-1"
    assert parse(graph).steps[0].decide(at(NOON + timedelta(days=9))) == Continue("late")


def test_a_message_is_sent_for_the_list_of_the_step():
    step = first_step("send thanks to club")
    assert step.decide(at(NOON, event=delivered(NOON, list=key("news")))) == Send(key("thanks"), key("club"), "next")


def test_a_message_without_a_list_is_sent_for_the_list_of_the_event():
    step = first_step("send thanks")
    assert step.decide(at(NOON, event=delivered(NOON, list=key("news")))) == Send(key("thanks"), key("news"), "next")


@pytest.mark.parametrize("event", [None, delivered(NOON), delivered(NOON, list=5)])
def test_a_message_may_be_for_no_list(event):
    assert first_step("send thanks").decide(at(NOON, event=event)) == Send(key("thanks"), None, "next")


@pytest.mark.parametrize(
    ("drawing", "reenter_after"),
    [
        ("exit done never", None),
        ("exit done", NOON),
        ("exit done 30d", datetime(2026, 4, 19, 13, tzinfo=PARIS)),
    ],
)
def test_an_exit_says_when_one_may_come_back(drawing, reenter_after):
    assert first_step(drawing).decide(at(NOON, zone=PARIS)) == Finish("done", reenter_after)


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        ("wait 1d", "Wait 1 day"),
        ("wait 90m", "Wait 90 minutes"),
        ("wait 10d after event", "Wait until 10 days after the date of the event"),
        ("wait 1d late 48h", "Wait 1 day; who is more than 48 hours late doesn’t go on"),
        ("send thanks", "Send “Thank you”"),
        ("send thanks to club", "Send “Thank you” to subscribers of “The club”"),
        ("exit", "Leave (done)"),
        ("exit bought never", "Leave (bought), never to come back"),
        ("exit bought 1d", "Leave (bought); may come back after 1 day"),
    ],
)
def test_each_step_says_in_words_what_it_does(drawing, sentence):
    names = References({key("thanks"): KnownMessage("Thank you")}, {key("club"): "The club"})
    assert first_step(drawing).sentence(names) == sentence
