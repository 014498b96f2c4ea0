"""Steps of other channels in a running scenario: one delivery a visit, in the transaction of the move."""

import json

import pytest

from django.contrib.auth.models import Group
from django.db import transaction

from tests.drawing import key, scenario
from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.engine import advancing
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.models import Delivery, WebhookEndpoint
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.pausing import pause


pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(receiver) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(public_id=key("hook"), name="Warehouse", url=receiver.url)


def beginning_with(step: dict) -> dict:
    graph = scenario("placed > wait 1d > exit")
    first = {"id": "first", **step, "outlets": {"next": "wait-1"}}
    return {**graph, "start": "first", "steps": [first, *graph["steps"]]}


def calling(story) -> Scenario:
    step = {"kind": "call_webhook", "webhook": key("hook"), "contact": ["email"], "event": True, "data": {}}
    return story.publish_graph(beginning_with(step))


def test_a_call_is_queued_with_the_move_and_made_afterwards(story, receiver, hook):
    scenario_ = calling(story)
    contact = story.contact()
    story.happens("order.placed", contact, data={"number": "21"})
    story.run()
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.kind, delivery.stream) == ("webhook", "dispatch", "transactional")
    assert delivery.visit.outcome == "dispatch"
    assert Enrollment.objects.get().step == "wait-1"
    assert receiver.calls == []
    with clock.moved(story.now):
        assert deliver(story.now) == 1
    told = json.loads(receiver.calls[0].body)["data"]
    assert told["scenario"] == {"id": str(scenario_.public_id), "name": "Story"}
    assert (told["step"], told["subject"]) == ("first", "order:1")
    assert told["contact"]["email"] == "alice@example.org"
    assert told["event"] == {"number": "21"}


def test_a_move_that_is_rolled_back_queues_nothing(story, hook):
    calling(story)
    story.happens("order.placed", story.contact())
    with transaction.atomic():
        story.run()
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert (Delivery.objects.count(), Visit.objects.count()) == (0, 0)
    story.run()
    assert Delivery.objects.count() == 1


def test_a_paused_scenario_calls_nobody(story, receiver, hook):
    made = calling(story)
    story.happens("order.placed", story.contact())
    story.run()
    pause(made)
    with clock.moved(story.now):
        assert deliver(story.now) == 0
    assert Delivery.objects.get().reason == "paused"
    assert receiver.calls == []


def test_many_calls_cost_as_many_queries_as_few(story, hook, django_assert_max_num_queries):
    calling(story)
    for number in range(20):
        story.happens("order.placed", story.contact(f"p{number}"), f"order:{number}")
    from wagtail_flows.engine import enrolling  # noqa: PLC0415

    with clock.moved(story.now):
        enrolling.match_events(story.now)
        with django_assert_max_num_queries(22):
            advancing.advance(story.now)
    assert Delivery.objects.filter(channel="webhook").count() == 20


def test_an_sms_goes_to_the_number_of_the_contact(story, capsys):
    mobile = Property.objects.create(name="mobile", label="Mobile")
    contact = story.contact(first_name="Zoë")
    ContactProperty.objects.create(contact=contact, property=mobile, text="+33 6 12 34 56 78")
    step = {"kind": "send_sms", "phone": "mobile", "basis": "transaction", "text": "Hello {{ contact.first_name }}"}
    story.publish_graph(beginning_with(step))
    story.happens("order.placed", contact)
    story.happens("order.placed", story.contact("bob"), "order:2")
    story.run()
    with clock.moved(story.now):
        deliver(story.now)
    found = Delivery.objects.order_by("pk").values_list("address", "status", "reason")
    assert list(found) == [("+33 6 12 34 56 78", "sent", ""), ("bob@example.org", "skipped", "sms_no_number")]
    assert "to +33612345678:\nHello Zoë" in capsys.readouterr().out


def test_a_notice_reaches_the_staff(story, smtp_sink, django_user_model):
    team = Group.objects.create(name="Support")
    boss = django_user_model.objects.create_superuser("boss", "boss@staff.example", "password")
    boss.groups.add(team)
    step = {"kind": "notify_staff", "groups": ["Support"], "subject": "{{ event.number }}", "text": "Look"}
    story.publish_graph(beginning_with(step))
    story.happens("order.placed", story.contact(), data={"number": "21"})
    story.run()
    with clock.moved(story.now):
        assert deliver(story.now) == 1
    assert Delivery.objects.get().status == "sent"
    assert Delivery.objects.get().rendered_subject == "21"
