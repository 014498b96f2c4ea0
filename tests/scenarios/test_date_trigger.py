"""Dates of contacts: when they come round, and what the trigger reads, writes and says."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.drawing import scenario
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.occurrences import Repeat, comes_round, name_of
from wagtail_flows.scenarios.references import KnownProperty, References
from wagtail_flows.scenarios.validating import validate


NAMES = References(properties={"birthday": KnownProperty("Birthday", "date")})


def graph(**fields) -> dict:
    trigger = {"id": "t1", "kind": "date", "property": "birthday", "repeat": "yearly", **fields}
    return {**scenario("placed > wait 1d"), "triggers": [trigger]}


def trigger(**fields):
    return parse(graph(**fields)).triggers[0]


@pytest.mark.parametrize(
    ("known", "day", "repeat", "comes"),
    [
        ("2026-05-01", "2026-05-01", "once", True),
        ("2026-05-01", "2027-05-01", "once", False),
        ("1990-05-01", "2026-05-01", "yearly", True),
        ("1990-05-01", "2026-06-01", "yearly", False),
        ("2027-05-01", "2026-05-01", "yearly", False),
        ("1992-02-29", "2026-02-28", "yearly", True),
        ("1992-02-29", "2028-02-28", "yearly", False),
        ("1992-02-29", "2028-02-29", "yearly", True),
        ("1990-02-28", "2028-02-29", "yearly", False),
        ("2026-01-31", "2026-02-28", "monthly", True),
        ("2026-01-31", "2026-04-30", "monthly", True),
        ("2026-01-30", "2026-04-30", "monthly", True),
        ("2026-01-31", "2026-03-30", "monthly", False),
        ("2026-01-15", "2026-03-15", "monthly", True),
        ("2026-01-29", "2028-02-29", "monthly", True),
    ],
)
def test_when_a_date_comes_round(known, day, repeat, comes):
    assert comes_round(date.fromisoformat(known), date.fromisoformat(day), Repeat(repeat)) is comes


@pytest.mark.parametrize(("repeat", "name"), [("once", "2026-05-01"), ("yearly", "2026"), ("monthly", "2026-05")])
def test_each_time_has_its_name(repeat, name):
    assert name_of(date(2026, 5, 1), Repeat(repeat)) == name


def test_days_before_belong_to_the_time_they_lead_to():
    """Three days before a birthday in January is in the year before."""
    assert trigger(days=-3).occasion(date(2026, 12, 30)) == "birthday:2027"
    assert trigger(days=3).occasion(date(2027, 1, 2)) == "birthday:2026"


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        ("Europe/Paris", "2026-05-01T06:59:59", "2026-04-30"),
        ("Europe/Paris", "2026-05-01T07:00:00", "2026-05-01"),
        ("America/New_York", "2026-05-01T12:59:59", "2026-04-30"),
        ("America/New_York", "2026-05-01T13:00:00", "2026-05-01"),
        ("Asia/Kathmandu", "2026-05-01T03:15:00", "2026-05-01"),
        ("Asia/Kathmandu", "2026-05-01T03:14:59", "2026-04-30"),
        ("Pacific/Apia", "2026-04-30T20:00:00", "2026-05-01"),
        ("Pacific/Apia", "2026-04-30T19:59:59", "2026-04-30"),
    ],
)
def test_the_day_begins_at_the_time_on_the_contacts_clock(zone, now, day):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert trigger(at="09:00").last_day(moment, ZoneInfo(zone)) == date.fromisoformat(day)


def test_a_time_that_the_clock_skips_comes_when_it_goes_on():
    """In Paris 02:30 is skipped on 29 March 2026: it comes at 03:30, which is 01:30 UTC."""
    made = trigger(at="02:30")
    paris = ZoneInfo("Europe/Paris")
    assert made.last_day(datetime(2026, 3, 29, 1, 29, tzinfo=UTC), paris) == date(2026, 3, 28)
    assert made.last_day(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), paris) == date(2026, 3, 29)


def test_it_is_written_as_it_was_read_and_told():
    made = graph(days=-3, at="08:30")
    assert dump(parse(made))["triggers"] == [{**made["triggers"][0]}]
    assert trigger(days=-3).sentence(NAMES) == "3 days before the date in “Birthday”, 09:00, every year"
    assert trigger(days=1, repeat="once").sentence(NAMES) == "1 day after the date in “Birthday”, 09:00, once"
    assert trigger().sentence(NAMES) == "On the date in “Birthday”, 09:00, every year"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"repeat": "weekly"}, "repeat", "not_a_choice"),
        ({"days": 400}, "days", "not_a_number"),
        ({"at": "25:00"}, "at", "not_a_time"),
        ({"reentry": "once"}, "reentry", "unknown_field"),
    ],
)
def test_what_is_wrong_is_told(fields, field, code):
    assert [(one.field, one.code) for one in read(graph(**fields)).problems] == [(field, code)]


def test_the_property_must_be_a_date():
    known = References(properties={"birthday": KnownProperty("Birthday", "text")})
    assert [(one.step, one.code) for one in validate(parse(graph()), known)] == [("t1", "wrong_type")]
