from dataclasses import replace
from datetime import timedelta

import pytest

from django.db import transaction

from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events import kinds
from wagtail_flows.events.models import Event
from wagtail_flows.events.recording import NewEvent, UnknownEventKind, correct, record
from wagtail_flows.lib import bell, clock


rung: list[int] = []


def answer() -> None:
    """What the bell calls in these tests."""
    rung.append(1)


@pytest.fixture
def bell_counts(monkeypatch):
    monkeypatch.setattr(bell, "_connected", [f"{__name__}.answer"])
    rung.clear()
    return rung


@pytest.fixture
def fact(db) -> NewEvent:
    contact = get_or_create_contact("ada@example.org", now=clock.now())
    return NewEvent("list.subscribed", contact.pk, "site", "subscription:1:1", "list:7", {"list": "7"})


def test_a_fact_is_recorded_once_however_often_it_is_told(fact):
    event = record(fact)
    assert record(fact) is None
    assert record(replace(fact, data={"list": "8"})) is None
    assert Event.objects.get() == event
    assert (event.data, event.subject, event.matched_at) == ({"list": "7"}, "list:7", None)


def test_the_same_key_of_another_source_or_kind_is_another_fact(fact):
    assert record(fact)
    assert record(replace(fact, source="shop:1"))
    assert record(replace(fact, kind="list.unsubscribed"))


def test_it_is_recorded_now_even_if_it_happened_before(fact):
    yesterday = clock.now() - timedelta(days=1)
    event = record(replace(fact, occurred_at=yesterday))
    assert event.occurred_at == yesterday
    assert event.recorded_at - yesterday > timedelta(hours=23)


def test_an_unknown_kind_is_an_error(fact):
    with pytest.raises(UnknownEventKind, match=r"parcel\.lost"):
        record(replace(fact, kind="parcel.lost"))


def test_a_key_that_is_too_long_still_tells_facts_apart(fact):
    assert record(replace(fact, dedupe_key="x" * 999 + "a"))
    assert record(replace(fact, dedupe_key="x" * 999 + "b"))
    assert record(replace(fact, dedupe_key="x" * 999 + "a")) is None


def test_a_better_date_replaces_the_first_without_a_second_event(fact):
    record(fact)
    better = clock.now() - timedelta(days=3)
    assert correct("list.subscribed", "site", "subscription:1:1", better, {"list": "7", "is_exact": True})
    event = Event.objects.get()
    assert (event.occurred_at, event.data["is_exact"]) == (better, True)
    assert not correct("list.subscribed", "site", "unknown", better, {})


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_and_never_for_what_was_rolled_back(fact, bell_counts):
    with transaction.atomic():
        record(fact)
        assert bell_counts == []
    assert bell_counts == [1]
    record(fact)
    assert bell_counts == [1]
    with transaction.atomic():
        record(replace(fact, dedupe_key="other"))
        transaction.set_rollback(True)
    assert bell_counts == [1]


@pytest.mark.django_db(transaction=True)
def test_the_same_fact_told_at_once_is_one_event(fact):
    outcomes = without_errors(at_the_same_time(*[lambda: record(fact)] * 6))
    assert sum(outcome is not None for outcome in outcomes) == 1


def test_kinds_are_registered_once_under_one_meaning(monkeypatch):
    monkeypatch.setattr(kinds, "_registered", dict(kinds._registered))
    kind = kinds.EventKind("parcel.weighed", "Parcel weighed", ("grams",))
    kinds.register(kind)
    kinds.register(kind)
    assert kinds.get("parcel.weighed") == kind
    assert kind in kinds.all_kinds()
    with pytest.raises(ValueError, match=r"parcel\.weighed"):
        kinds.register(kinds.EventKind("parcel.weighed", "Parcel weighed", ("pounds",)))
