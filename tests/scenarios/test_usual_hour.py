"""The contact's usual hour, in four zones; every moment is in UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hypothesis import given
from hypothesis import strategies as st

from tests.drawing import choosing
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.outcomes import Continue, Finish, Wait
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.usual_hours import next_usual_hour


PARIS, NEW_YORK, KATHMANDU, APIA = "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"
ZONES = [PARIS, NEW_YORK, KATHMANDU, APIA, "Australia/Lord_Howe", "Africa/Cairo"]
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "within", "hours", "expected"),
    [
        (PARIS, "2026-03-20 12:00", 24, {19: 3, 8: 1}, "2026-03-20 18:00"),  # 13:00 +01: today's 19:00
        (PARIS, "2026-03-20 12:00", 5, {19: 3, 14: 1}, "2026-03-20 13:00"),  # 19:00 is too far: 14:00 is
        (PARIS, "2026-03-20 12:00", 6, {19: 3, 14: 1}, "2026-03-20 18:00"),  # 19:00 is just in time
        (PARIS, "2026-03-20 12:00", 5, {8: 9}, None),
        (PARIS, "2026-03-20 12:00", 24, {8: 2, 14: 2}, "2026-03-20 13:00"),  # as usual: the first to come
        (PARIS, "2026-03-20 12:25", 24, {13: 5, 14: 4}, "2026-03-20 12:25"),  # 13:25 is within the hour
        (PARIS, "2026-03-20 13:00", 23, {13: 5}, "2026-03-21 12:00"),  # 14:00 sharp: over until tomorrow
        (PARIS, "2026-03-20 12:00", 24, {0: 1}, "2026-03-20 23:00"),  # midnight
        (PARIS, "2026-03-20 22:30", 24, {23: 1}, "2026-03-20 22:30"),  # 23:30, the hour that ends a day
        (PARIS, "2026-03-28 20:00", 24, {2: 5, 3: 1}, "2026-03-29 01:00"),  # 2:00 is skipped this night: 3:00 +02
        (PARIS, "2026-03-28 20:00", 72, {2: 5, 3: 1}, "2026-03-30 00:00"),  # but comes in the next
        (PARIS, "2026-10-24 20:00", 24, {2: 1}, "2026-10-25 00:00"),  # 2:00 comes twice: the first
        (PARIS, "2026-10-25 01:10", 24, {2: 1}, "2026-10-25 01:10"),  # 2:10 +01, in the second
        (NEW_YORK, "2026-03-07 23:00", 24, {9: 1}, "2026-03-08 13:00"),  # 9:00 -04, summer time since 2:00
        (NEW_YORK, "2026-10-31 23:00", 24, {9: 1}, "2026-11-01 14:00"),  # 9:00 -05
        (NEW_YORK, "2026-12-31 20:00", 24, {7: 1}, "2027-01-01 12:00"),
        (KATHMANDU, "2026-05-04 02:00", 24, {9: 1}, "2026-05-04 03:15"),  # +05:45
        (KATHMANDU, "2028-02-28 18:00", 24, {7: 1}, "2028-02-29 01:15"),  # into 29 February
        (APIA, "2011-12-30 04:30", 24, {9: 1}, "2011-12-30 19:00"),  # Thursday 18:30; then Saturday 9:00 +14
    ],
)
def test_the_most_usual_hour_that_comes_in_time(zone, moment, within, hours, expected):
    found = next_usual_hour(utc(moment), timedelta(hours=within), hours, ZoneInfo(zone))
    assert found == (expected and utc(expected))


HOURS = st.dictionaries(st.integers(0, 23), st.integers(0, 50))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.integers(1, 72), HOURS, st.sampled_from(ZONES))
def test_it_is_in_time_in_a_known_hour_and_stays_so(moment, within, hours, zone):
    found = next_usual_hour(moment, timedelta(hours=within), hours, ZoneInfo(zone))
    if found is None:
        return
    assert moment <= found <= moment + timedelta(hours=within)
    # An hour that begins in the middle of a skip is come to when the clock has skipped.
    assert hours.get(found.astimezone(ZoneInfo(zone)).hour, 0) > 0 or _is_after_a_skip(found, zone)


def _is_after_a_skip(moment: datetime, zone: str) -> bool:
    before, after = (moment + timedelta(minutes=minutes) for minutes in (-1, 0))
    return before.astimezone(ZoneInfo(zone)).utcoffset() < after.astimezone(ZoneInfo(zone)).utcoffset()


@given(MOMENTS, HOURS.filter(lambda hours: any(hours.values())), st.sampled_from(ZONES))
def test_within_three_days_every_known_hour_comes(moment, hours, zone):
    assert next_usual_hour(moment, timedelta(hours=73), hours, ZoneInfo(zone)) is not None


USUAL = {"kind": "wait_usual_hour", "within_hours": 24, "otherwise": None, "late": None}


def step(fields, **ways):
    return parse(choosing("placed", fields, **(ways or {"next": "exit"}))).step("choose")


def at(now: datetime = NOON, hours=None, **changes) -> Situation:
    values = {"now": now, "entered_at": NOON, "step_entered_at": NOON, "zone": ZoneInfo(PARIS), **changes}
    return Situation(**values, answers={"usual_hours": hours})


def test_it_waits_for_the_hour_and_then_goes_on():
    evening = datetime(2026, 3, 20, 18, tzinfo=UTC)
    assert step(USUAL).decide(at(hours={"19": 2})) == Wait(evening)
    assert step(USUAL).decide(at(evening, hours={"19": 2}, kept_until=evening)) == Continue("next")


def test_what_is_opened_while_waiting_changes_nothing():
    evening = datetime(2026, 3, 20, 18, tzinfo=UTC)
    earlier = evening - timedelta(minutes=5)
    assert step(USUAL).decide(at(earlier, hours={"8": 9}, kept_until=evening)) == Wait(evening)
    assert step(USUAL).decide(at(evening, hours={"8": 9}, kept_until=evening)) == Continue("next")


def test_of_whom_nothing_is_known_the_fixed_hour_counts_if_it_comes_in_time_else_none():
    assert step(USUAL).decide(at()) == Continue("next")
    morning = {**USUAL, "otherwise": "09:30"}
    assert step(morning).decide(at()) == Wait(datetime(2026, 3, 21, 8, 30, tzinfo=UTC))
    assert step({**morning, "within_hours": 6}).decide(at()) == Continue("next")
    assert step({**morning, "within_hours": 6}).decide(at(hours={"9": 3})) == Continue("next")
    assert step({**USUAL, "otherwise": "13:00"}).decide(at()) == Continue("next")


def test_who_comes_too_late_takes_the_way_out():
    fields = {**USUAL, "late": {"skip_after_hours": 1}}
    evening = datetime(2026, 3, 20, 18, tzinfo=UTC)
    late = at(evening + timedelta(hours=2), kept_until=evening)
    assert step(fields).decide(late) == Finish("too_late", late.now)
    assert step(fields, next="exit", late="exit").decide(late) == Continue("late")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (USUAL, "Wait for the contact’s usual hour, at most 24 hours"),
        ({**USUAL, "within_hours": 1}, "Wait for the contact’s usual hour, at most 1 hour"),
        ({**USUAL, "otherwise": "00:00"}, "Wait for the contact’s usual hour, else for 00:00, at most 24 hours"),
        (
            {**USUAL, "otherwise": "09:30", "late": {"skip_after_hours": 2}},
            "Wait for the contact’s usual hour, else for 09:30, at most 24 hours; who is more than 2 hours late doesn’t"
            " go on",
        ),
    ],
)
def test_it_says_what_it_does_and_is_written_as_it_was_read(fields, words):
    graph = choosing("placed", fields, next="exit")
    assert not read(graph).problems
    assert dump(parse(graph)) == graph
    assert step(fields).sentence(References()) == words


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({**USUAL, "within_hours": 0}, ("within_hours", "not_a_number")),
        ({**USUAL, "within_hours": 73}, ("within_hours", "not_a_number")),
        ({**USUAL, "otherwise": "9"}, ("otherwise", "not_a_time")),
        ({**USUAL, "otherwise": 9}, ("otherwise", "not_text")),
        ({**USUAL, "at": "09:00"}, ("at", "unknown_field")),
    ],
)
def test_what_is_wrong_is_located(fields, problem):
    assert [(one.field, one.code) for one in read(choosing("placed", fields, next="exit")).problems] == [problem]
