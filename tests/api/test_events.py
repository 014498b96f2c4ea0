"""A program records what happened to a contact: once, however often it tells."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import OPEN
from tests.drawing import scenario
from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def body(**changes) -> dict:
    told = {"kind": OPEN, "address": "anna@example.org", "key": "review:1", "data": {"rating": 5}, **changes}
    return {name: value for name, value in told.items() if value is not ...}


def test_an_event_is_recorded_for_the_contact_of_the_address(ask, anna):
    with clock.moved(NOON):
        response = ask(
            "events", body(address="Anna@EXAMPLE.org", subject="product:7", occurred_at="2026-03-01T08:00:00+01:00")
        )
    assert (response.status_code, response.json()) == (201, {"recorded": True})
    event = Event.objects.get()
    assert (event.contact, event.kind, event.source, event.dedupe_key) == (anna, OPEN, "api", "review:1")
    assert (event.subject, event.data) == ("product:7", {"rating": 5})
    assert event.occurred_at == datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_only_kind_address_and_key_are_needed(ask, anna):
    with clock.moved(NOON):
        assert ask("events", body(data=...)).status_code == 201
    assert Event.objects.get().occurred_at == NOON


def test_the_same_key_again_records_nothing(ask, anna):
    assert ask("events", body()).status_code == 201
    again = ask("events", body(data={"rating": 1}))
    assert (again.status_code, again.json()) == (200, {"recorded": False})
    assert Event.objects.get().data == {"rating": 5}


def test_the_same_key_for_somebody_else_is_a_conflict(ask, anna):
    get_or_create_contact("bob@example.org", now=NOON)
    ask("events", body())
    response = ask("events", body(address="bob@example.org"))
    assert (response.status_code, response.json()["code"]) == (409, "key_taken")


def test_an_unknown_contact_is_told_and_none_is_made(ask):
    response = ask("events", body())
    assert (response.status_code, response.json()["code"]) == (404, "unknown_contact")
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"kind": ...}, "kind", "missing"),
        ({"kind": 5}, "kind", "not_text"),
        ({"kind": "nothing.known"}, "kind", "unknown_kind"),
        ({"kind": "list.subscribed"}, "kind", "closed_kind"),
        ({"kind": "contact.property_changed"}, "kind", "closed_kind"),
        ({"address": ...}, "address", "missing"),
        ({"address": "no address"}, "address", "bad_address"),
        ({"address": "a" * 300}, "address", "not_text"),
        ({"key": ...}, "key", "missing"),
        ({"key": ""}, "key", "not_text"),
        ({"key": "a" * 201}, "key", "not_text"),
        ({"subject": "a" * 121}, "subject", "not_text"),
        ({"data": []}, "data", "not_an_object"),
        ({"occurred_at": "yesterday"}, "occurred_at", "not_a_moment"),
        ({"occurred_at": "2026-03-01T08:00:00"}, "occurred_at", "not_a_moment"),
        ({"occurred_at": "2026-13-01T08:00:00Z"}, "occurred_at", "not_a_moment"),
        ({"occurred_at": "2027-03-01T08:00:00Z"}, "occurred_at", "future"),
        ({"occurred_at": 5}, "occurred_at", "not_text"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_what_is_wrong_is_located(ask, anna, changes, field, code):
    with clock.moved(NOON):
        response = ask("events", body(**changes))
    assert response.status_code == 422
    assert (field, code) in [(one["field"], one["code"]) for one in response.json()["errors"]]
    assert not Event.objects.exists()


def test_a_clock_that_is_a_little_ahead_is_believed(ask, anna):
    with clock.moved(NOON):
        assert ask("events", body(occurred_at=(NOON + timedelta(minutes=1)).isoformat())).status_code == 201


def test_an_event_starts_the_scenario_that_waits_for_it(ask, anna, story, message):
    graph = f"{OPEN} > wait 1d > send thanks"
    scenario = story.publish(graph)
    with clock.moved(story.now):
        ask("events", body())
    story.run()
    assert scenario.enrollments.get().contact == anna


def test_a_cart_that_was_left_starts_from_a_hundred_on(ask, anna, story):
    tests = [{"name": "total", "operator": "at_least", "value": "100"}]
    trigger = {"id": "start", "kind": "event", "event": "cart.abandoned", "where": tests, "reentry": "every_time"}
    made = story.publish_graph({**scenario("placed > wait 1d > send thanks"), "triggers": [trigger]})
    with clock.moved(story.now):
        get_or_create_contact("bob@example.org", now=story.now)
        told = {"kind": "cart.abandoned", "data": {"cart": "7", "total": 120, "currency": "EUR"}}
        assert ask("events", body(**told)).status_code == 201
        told = {"kind": "cart.abandoned", "data": {"cart": "8", "total": "99.90"}, "address": "bob@example.org"}
        assert ask("events", body(**told, key="cart:8")).status_code == 201
    story.run()
    assert made.enrollments.get().contact == anna
