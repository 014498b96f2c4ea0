"""Waiting for the usual hour: learnt from what contacts open and click, one query a batch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.drawing import choosing
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.usual_hours import usual_hours
from wagtail_flows.events.models import Event
from wagtail_flows.events.recording import correct
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.pausing import pause, resume


pytestmark = pytest.mark.django_db

USUAL = {"kind": "wait_usual_hour", "within_hours": 24, "otherwise": None, "late": None}
EVENING = datetime(2026, 3, 2, 18, tzinfo=UTC)


def engaged(story, contact, hour: int, *, days: int = 1, by: str = "human", kind: str = "message.opened") -> None:
    """Opened so many days before today, at this hour UTC."""
    at = story.now.replace(hour=hour, minute=10) - timedelta(days=days)
    story.happens(kind, contact, "", data={"message": "m", "by": by}, occurred_at=at)


def known(story, *contacts):
    with clock.moved(story.now):
        return dict(usual_hours("", [contact.pk for contact in contacts]))


def test_hours_are_those_of_the_contacts_own_clock_by_people_and_of_late(story):
    alice = story.contact("alice", time_zone="Asia/Kathmandu")
    bob = story.contact("bob", time_zone="Mars/Olympus")
    charlie = story.contact("charlie")
    for days in (1, 2):
        engaged(story, alice, 3, days=days)
    engaged(story, alice, 12, kind="message.clicked")
    engaged(story, alice, 5, by="machine")
    engaged(story, alice, 6, days=200)
    engaged(story, bob, 9)
    assert known(story, alice, bob, charlie) == {alice.pk: {"8": 2, "17": 1}, bob.pk: {"10": 1}}


def test_only_the_last_hundred_count(story):
    alice = story.contact(time_zone="UTC")
    for days in range(1, 111):
        engaged(story, alice, 7 if days > 100 else 20, days=days)
    assert known(story, alice) == {alice.pk: {"20": 100}}


def test_who_has_a_usual_hour_waits_for_it_and_the_visit_says_why(story):
    story.publish_graph(choosing("placed", USUAL, next="exit"))
    alice, bob = story.contact("alice", time_zone="Europe/Paris"), story.contact("bob")
    engaged(story, alice, 18)
    for number, person in enumerate((alice, bob)):
        story.happens("order.placed", person, f"order:{number}")
    story.run()
    assert Enrollment.objects.get(contact=bob).status == "ended"
    waiting = Enrollment.objects.get(contact=alice)
    assert waiting.due_at == datetime(2026, 3, 2, 18, tzinfo=UTC)
    story.later(hours=7)
    assert Enrollment.objects.get(contact=alice).status == "ended"
    assert Visit.objects.get(step="choose", enrollment__contact=alice).seen["answers"] == {"usual_hours": {"19": 1}}


def test_the_queries_do_not_follow_the_number_of_contacts(story):
    story.publish_graph(choosing("placed", {**USUAL, "otherwise": "03:00"}, next="exit"))
    counts = []
    for people in (range(3), range(3, 40)):
        for number in people:
            contact = story.contact(f"p{number}")
            engaged(story, contact, 20)
            story.happens("order.placed", contact, f"order:{number}")
        counts.append(story.queries_of_advancing())
    assert Enrollment.objects.filter(due_at=datetime(2026, 3, 2, 20, tzinfo=UTC)).count() == 40
    assert counts[0] == counts[1]


def waiting_for_their_hour(story, fields=USUAL, people: int = 1) -> list[Event]:
    """They come at noon and open at 18:00 as a rule; what let them in."""
    story.publish_graph(choosing("placed", fields, next="send thanks"))
    told = []
    for number in range(people):
        contact = story.contact(f"person{number}", time_zone="UTC")
        engaged(story, contact, 18)
        told.append(story.happens("order.placed", contact, f"order:{number}"))
    story.run()
    assert set(Enrollment.objects.values_list("due_at", flat=True)) == {EVENING}
    return told


def test_after_a_pause_the_hour_that_was_waited_for_says_who_is_too_late(story):
    waiting_for_their_hour(story, {**USUAL, "late": {"skip_after_hours": 2}}, people=5)
    made = Scenario.objects.get()
    pause(made)
    story.now += timedelta(days=20)
    with clock.moved(story.now):
        resume(made, timedelta(hours=1))
    story.later(hours=1)
    assert set(Enrollment.objects.values_list("status", "exit_reason")) == {("ended", "too_late")}
    assert not Delivery.objects.exists()


def test_a_corrected_event_leaves_the_hour_as_it_was_chosen(story):
    [event] = waiting_for_their_hour(story)
    story.now += timedelta(hours=1)
    engaged(story, event.contact, 14)
    engaged(story, event.contact, 14)
    with clock.moved(story.now):
        correct(event.kind, event.source, event.dedupe_key, event.occurred_at - timedelta(days=3), event.data)
    story.run()
    assert not Delivery.objects.exists()
    assert Enrollment.objects.get().due_at == EVENING
    story.later(hours=5)
    assert Delivery.objects.count() == 1
