"""Those who stand alike go together: what is written is what it would be for each alone."""

from uuid import UUID

import pytest

from django.db import transaction

from tests.drawing import key, scenario
from tests.engine.conftest import NOON
from wagtail_flows.contacts.list_verbs import ListVerb
from wagtail_flows.contacts.models import ContactProperty, Property, Subscription
from wagtail_flows.engine import advancing
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.starting import start
from wagtail_flows.engine.writing import write
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery


pytestmark = pytest.mark.django_db

PEOPLE = 40
ZONES = ("Europe/Paris", "Pacific/Apia", "")
IN_PARIS = {"match": "all", "rules": [{"field": "contact.time_zone", "operator": "is", "value": "Europe/Paris"}]}
STEPS = [
    {"id": "wait", "kind": "wait", "amount": 1, "unit": "days", "outlets": {"next": "branch"}},
    {
        "id": "branch",
        "kind": "condition",
        "branches": [{"outlet": "paris", "rule": IN_PARIS}],
        "outlets": {"paris": "thanks", "else": "split"},
    },
    {"id": "thanks", "kind": "send_email", "message": key("thanks"), "list": None, "outlets": {"next": "split"}},
    {
        "id": "split",
        "kind": "random_split",
        "branches": [{"outlet": "one", "weight": 1}, {"outlet": "two", "weight": 1}],
        "outlets": {"one": "points", "two": "join"},
    },
    {
        "id": "points",
        "kind": "update_property",
        "property": "points",
        "change": "add",
        "value": 5,
        "outlets": {"next": "more"},
    },
    {
        "id": "join",
        "kind": "list_action",
        "action": ListVerb.ADD.value,
        "list": key("club"),
        "outlets": {"next": "more"},
    },
    {"id": "more", "kind": "send_email", "message": key("more"), "list": None, "outlets": {"next": "days"}},
    {"id": "days", "kind": "wait", "amount": 2, "unit": "days", "outlets": {"next": "listen"}},
    {
        "id": "listen",
        "kind": "wait_for_event",
        "event": "order.placed",
        "same_subject": False,
        "timeout": {"amount": 3, "unit": "days"},
        "outlets": {"happened": "news", "timeout": "exit"},
    },
    {"id": "news", "kind": "send_email", "message": key("news"), "list": None, "outlets": {"next": "exit"}},
    {"id": "exit", "kind": "exit", "reason": "done", "reenter": "at_once"},
]


GRAPH = {
    **scenario("placed > exit"),
    "triggers": [{"id": "by-hand", "kind": "manual"}],
    "start": "wait",
    "steps": STEPS,
}
# What is written in the end, by the addresses of the people.
WRITTEN = (
    (Enrollment, "contact__", "step status due_at visit_count exit_reason ended_at reenter_after"),
    (
        Visit,
        "enrollment__contact__",
        "number step kind outlet outcome seen__answers seen__list seen__occurred_at entered_at left_at",
    ),
    (
        Delivery,
        "contact__",
        "message_key visit__step visit__number domain locale context stream basis queued_at due_at",
    ),
    (Event, "contact__", "kind cause__step cause__number data"),
    (ContactProperty, "contact__", "number"),
    (Subscription, "contact__", "status"),
)


def acted_out(story) -> list[list[tuple]]:
    """Everybody is started at the same moment and goes through all steps; some order. What is written in the end."""
    made = story.publish_graph(GRAPH, public_id=UUID(int=1))
    people = [
        story.contact(
            f"p{n:02}", public_id=UUID(int=n), time_zone=ZONES[n % len(ZONES)], locale="fr" if n % 2 else "en"
        )
        for n in range(PEOPLE)
    ]
    with clock.moved(story.now):
        start(made, [one.pk for one in people], "today")
    story.run()
    for _day in range(5):
        story.later(days=1)
    for one in people[::4]:
        story.happens("order.placed", one, subject="")
    for _day in range(5):
        story.later(days=1)
    found = []
    for model, contact, names in WRITTEN:
        columns = [f"{contact}address", *names.split()]
        found.append(sorted(map(repr, model.objects.values_list(*columns))))
    return found


@pytest.fixture
def points(db: None) -> Property:
    return Property.objects.create(name="points", label="Points", type="number")


def test_together_everybody_goes_the_way_they_would_go_alone(story, points, settings, monkeypatch):
    sizes = []
    monkeypatch.setattr(
        advancing, "write", lambda moved: sizes.extend(len(one.insiders) for one in moved) or write(moved)
    )
    found = []
    for batch in (1, 500):
        settings.FLOWS_BATCH_SIZE = batch
        with transaction.atomic():
            sizes.clear()
            story.now = NOON
            found.append(acted_out(story))
            transaction.set_rollback(True)
        assert (max(sizes) == 1) is (batch == 1), "else they wouldn't be different"
    for alone, together in zip(*found, strict=True):
        assert alone == together
    enrollments, visits, deliveries, events, properties, subscriptions = found[0]
    assert len(enrollments) == PEOPLE
    assert len(visits) > 6 * PEOPLE
    assert len(deliveries) > PEOPLE
    assert 0 < len(properties) < PEOPLE
    assert len(subscriptions) == PEOPLE - len(properties)
    assert len(events) >= PEOPLE // 4 + len(properties)
