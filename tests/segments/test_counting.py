"""Segments are counted once a day and after a change; one that can't be asked has nobody."""

import time

from datetime import UTC, datetime, timedelta

import pytest

from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.segments import counting
from wagtail_flows.segments.counting import count_due, next_due
from wagtail_flows.segments.models import Segment, SegmentCount
from wagtail_flows.tasks import phases


NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
EVERYBODY = {"match": "all", "rules": []}


@pytest.fixture
def segment(db):
    get_or_create_contact("anna@example.org", now=NOW)
    return Segment.objects.create(name="All", rule=EVERYBODY)


def counts():
    return list(SegmentCount.objects.order_by("counted_on").values_list("count", flat=True))


def test_each_is_counted_once_a_day(segment):
    assert (count_due(NOW, None), count_due(NOW + timedelta(hours=1), None)) == (1, 0)
    get_or_create_contact("bob@example.org", now=NOW)
    assert count_due(NOW + timedelta(days=1), None) == 1
    segment.refresh_from_db()
    assert (segment.count, segment.counted_at) == (2, NOW + timedelta(days=1))
    assert counts() == [1, 2]


def test_a_change_is_counted_at_once_and_the_day_keeps_the_last_number(segment):
    count_due(NOW, None)
    Contact.objects.all().delete()
    Segment.objects.update(counted_at=None)
    assert next_due(NOW) == NOW
    assert count_due(NOW, None) == 1
    assert counts() == [0]


def test_the_next_is_due_when_the_day_ends_in_the_zone_of_the_site(segment, settings):
    settings.TIME_ZONE = "Europe/Paris"
    count_due(NOW, None)
    assert next_due(NOW).isoformat() == "2026-03-30T00:00:00+02:00"
    Segment.objects.all().delete()
    assert next_due(NOW) is None


def test_a_segment_that_cant_be_asked_has_nobody(segment):
    Segment.objects.update(rule={"match": "all", "rules": [{"field": "gone", "operator": "is"}]})
    count_due(NOW, None)
    assert Segment.objects.get().count == 0


def test_a_rule_that_changed_while_it_was_counted_stays_due(segment):
    Segment.objects.update(rule={"match": "any", "rules": []})
    counting.count(segment, NOW)
    assert next_due(NOW) == NOW
    assert counts() == []


def test_it_stops_when_its_time_is_over(segment):
    assert count_due(NOW, time.monotonic() - 1) == 0


def test_what_takes_too_long_is_estimated_or_keeps_its_number(segment, monkeypatch):
    count_due(NOW, None)
    monkeypatch.setattr(counting, "LONGEST_COUNT", -1.0)
    Segment.objects.update(counted_at=None)
    assert count_due(NOW, None) == 1
    assert Segment.objects.get().count is not None


def test_the_bell_counts(segment):
    [phase] = [phase for phase in phases() if phase.name == "segments"]
    assert (phase.next_due(NOW), phase.work(NOW, None)) == (NOW, 1)
