"""Whose day it becomes comes in: at the time on their own clock, once for each time that it comes round."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.drawing import scenario
from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.engine import sweeping_dates
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db


@pytest.fixture
def birthday(db) -> Property:
    return Property.objects.create(name="birthday", label="Birthday", type="date")


def published(story, moment: datetime, path="send thanks", **fields):
    story.now = moment
    trigger = {"id": "t1", "kind": "date", "property": "birthday", "repeat": "yearly", **fields}
    return story.publish_graph({**scenario(f"placed > {path}"), "triggers": [trigger]})


def person(story, prop: Property, name: str, born: str, zone: str = ""):
    contact = story.contact(name, time_zone=zone)
    ContactProperty.objects.create(contact=contact, property=prop, date=date.fromisoformat(born))
    return contact


def sweep(story, now: datetime) -> int:
    story.now = now
    with clock.moved(now):
        return sweeping_dates.sweep(now)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Paris", utc(2026, 5, 1, 7)),
        ("America/New_York", utc(2026, 5, 1, 13)),
        ("Asia/Kathmandu", utc(2026, 5, 1, 3, 15)),
        ("Pacific/Apia", utc(2026, 4, 30, 20)),
        ("Mars/Olympus", utc(2026, 5, 1, 9)),
        ("", utc(2026, 5, 1, 9)),
    ],
)
def test_it_becomes_their_day_at_nine_on_their_clock(story, birthday, settings, zone, moment):
    settings.TIME_ZONE = "UTC"
    published(story, utc(2026, 4, 29, 12))
    alice = person(story, birthday, "alice", "1990-05-01", zone)
    assert sweep(story, moment - timedelta(seconds=1)) == 0
    assert sweeping_dates.next_due(story.now) <= moment
    assert sweep(story, moment) == 1
    one = Enrollment.objects.get()
    assert (one.contact, one.entry_key, one.data) == (
        alice,
        "birthday:2026",
        {"property": "birthday", "date": "1990-05-01"},
    )


def test_each_year_once_however_often_it_is_looked(story, birthday):
    published(story, utc(2026, 4, 29, 12))
    alice = person(story, birthday, "alice", "1990-05-01", "Europe/Paris")
    for year in (2026, 2027):
        assert sweep(story, utc(year, 5, 1, 8)) == 1
        sweeping_dates.DateSweep.objects.update(swept_at=utc(year, 4, 30))
        story.run()
        assert sweep(story, utc(year, 5, 1, 9)) == 0
    ContactProperty.objects.filter(contact=alice).update(date=date(1990, 9, 1))
    assert sweep(story, utc(2027, 9, 1, 12)) == 0, "a corrected birthday isn't another one in the same year"
    assert Enrollment.objects.count() == 2


@pytest.mark.parametrize(
    ("born", "repeat", "days", "seen_on"),
    [
        ("1992-02-29", "yearly", 0, ["2027-02-28", "2028-02-29"]),
        ("1990-01-02", "yearly", -3, ["2026-12-30", "2027-12-30"]),
        ("2026-12-31", "monthly", 0, ["2026-12-31", "2027-01-31", "2027-02-28"]),
        ("2027-01-10", "once", 2, ["2027-01-12"]),
    ],
)
def test_days_on_which_one_comes_in(story, birthday, born, repeat, days, seen_on):
    published(story, utc(2026, 12, 1), repeat=repeat, days=days)
    person(story, birthday, "alice", born, "Europe/Paris")
    for text in seen_on:
        day = datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
        assert sweep(story, day + timedelta(hours=2)) == 0
        assert sweep(story, day + timedelta(hours=12)) == 1
        story.run()


def test_what_was_before_publishing_is_not_made_up_for_and_an_outage_of_days_is(story, birthday):
    published(story, utc(2026, 5, 1, 12))
    person(story, birthday, "alice", "1990-05-01", "Europe/Paris")
    person(story, birthday, "bob", "1990-05-04", "Europe/Paris")
    person(story, birthday, "carol", "1990-05-20", "Europe/Paris")
    assert sweep(story, utc(2026, 5, 6)) == 1
    assert sweep(story, utc(2026, 6, 6)) == 0
    assert Enrollment.objects.get().contact.address == "bob@example.org"


def test_people_come_in_by_batches_and_most_looks_ask_for_nobody(story, birthday, settings):
    settings.FLOWS_BATCH_SIZE = 2
    published(story, utc(2026, 4, 29, 12))
    for number in range(5):
        person(story, birthday, f"person{number}", "1990-05-01", "Europe/Paris")
    assert sweep(story, utc(2026, 5, 1, 7, 1)) == 5
    with CaptureQueriesContext(connection) as queries:
        assert sweep(story, utc(2026, 5, 1, 7, 2)) == 0
    assert not [one for one in queries if "contactproperty" in one["sql"]]


@pytest.mark.parametrize(
    ("zone", "at", "born", "days", "moment"),
    [
        ("Europe/Paris", "02:30", "1990-03-29", 0, utc(2026, 3, 29, 1, 30)),  # skipped: 3:30 +02
        ("Europe/Paris", "02:30", "1990-10-25", 0, utc(2026, 10, 25, 0, 30)),  # comes twice: the first
        ("America/New_York", "02:30", "1990-03-08", 0, utc(2026, 3, 8, 7, 30)),
        ("America/New_York", "01:30", "1990-11-01", 0, utc(2026, 11, 1, 5, 30)),
        ("America/New_York", "23:59", "1990-12-31", 0, utc(2027, 1, 1, 4, 59)),
        ("Asia/Kathmandu", "00:00", "1990-01-01", 0, utc(2026, 12, 31, 18, 15)),
        ("Asia/Kathmandu", "09:00", "1992-02-29", 0, utc(2027, 2, 28, 3, 15)),
        ("Asia/Kathmandu", "09:00", "1992-02-29", 0, utc(2028, 2, 29, 3, 15)),
        ("Asia/Kathmandu", "09:00", "1992-02-29", -1, utc(2028, 2, 28, 3, 15)),
        ("Pacific/Apia", "09:00", "1990-12-29", 0, utc(2011, 12, 29, 19)),  # Thursday -10
        ("Pacific/Apia", "09:00", "1990-12-30", 0, utc(2011, 12, 30, 19)),  # the day left out: Saturday +14
        ("Pacific/Apia", "09:00", "1990-12-31", 0, utc(2011, 12, 30, 19)),
    ],
)
def test_where_clocks_jump_and_days_are_missing_one_comes_in_once_and_at_the_right_moment(
    story, birthday, zone, at, born, days, moment
):
    published(story, moment - timedelta(days=2), at=at, days=days)
    person(story, birthday, "alice", born, zone)
    assert sweep(story, moment - timedelta(seconds=1)) == 0
    assert sweeping_dates.next_due(story.now) <= moment
    assert sweep(story, moment) == 1
    story.run()
    for hours in (1, 2, 24, 48):
        assert sweep(story, moment + timedelta(hours=hours)) == 0
