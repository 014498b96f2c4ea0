"""Events start and end enrollments, each exactly once, in recorded order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.drawing import key
from tests.drawing import scenario as drawn
from wagtail_flows.contacts.models import Property
from wagtail_flows.contacts.property_values import set_property
from wagtail_flows.engine import enrolling
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios import registry
from wagtail_flows.scenarios.triggers.event import EventTrigger


pytestmark = pytest.mark.django_db


def inside() -> int:
    return Enrollment.objects.inside().count()


def test_an_event_enrolls_its_contact_at_the_first_step(story):
    made = story.publish("placed > wait 1d > send thanks")
    alice = story.contact()
    event = story.happens("order.placed", alice, data={"number": "21"})
    with clock.moved(story.now):
        assert enrolling.match_events(story.now) == 1
    enrollment = Enrollment.objects.get()
    assert (enrollment.scenario, enrollment.version, enrollment.contact) == (made, made.current_version, alice)
    assert (enrollment.step, enrollment.due_at, enrollment.entered_at) == ("wait-1", story.now, story.now)
    assert (enrollment.trigger_event, enrollment.trigger_id) == (event, "t1")
    assert (enrollment.entry_key, enrollment.subject, enrollment.data) == ("order:1", "order:1", {"number": "21"})
    event.refresh_from_db()
    assert event.matched_at == story.now
    assert enrolling.next_due(story.now) is None


def test_events_are_matched_once(story):
    story.publish("placed every_time > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    assert enrolling.match_events(story.now) == 0
    assert Enrollment.objects.count() == 1


def test_an_event_recorded_before_publication_starts_nothing_whatever_the_backlog(story):
    story.happens("order.placed", story.contact())
    story.now += timedelta(seconds=1)
    story.publish("placed > wait 1d > send thanks")
    story.run()
    assert not Enrollment.objects.exists()
    assert not Event.objects.filter(matched_at=None).exists()


def test_the_same_subject_enters_once_and_another_subject_enters_too(story):
    story.publish("placed > wait 1d > send thanks")
    alice = story.contact()
    story.happens("order.placed", alice, "order:1")
    story.happens("order.placed", alice, "order:1")
    story.happens("order.placed", alice, "order:2")
    story.run()
    assert sorted(Enrollment.objects.values_list("entry_key", flat=True)) == ["order:1", "order:2"]


def test_once_means_once_for_ever(story):
    story.publish("placed once > send thanks")
    alice = story.contact()
    for order in ("order:1", "order:2"):
        story.happens("order.placed", alice, order)
        story.later(days=400)
    assert Enrollment.objects.count() == 1


def test_at_most_one_enrollment_about_one_subject_is_open(story):
    story.publish("placed every_time > wait 1d > send thanks")
    alice = story.contact()
    story.happens("order.placed", alice)
    story.happens("order.placed", alice)
    story.run()
    assert Enrollment.objects.count() == 1
    story.later(days=2)
    story.happens("order.placed", alice)
    story.run()
    assert (Enrollment.objects.count(), inside()) == (2, 1)


def test_who_left_for_ever_never_comes_back(story):
    story.publish("placed every_time > exit bought never")
    alice = story.contact()
    story.happens("order.placed", alice)
    story.later(days=1)
    story.happens("order.placed", alice, "order:2")
    story.later(days=4000)
    assert Enrollment.objects.count() == 1


def test_who_left_for_thirty_days_comes_back_after_them(story):
    story.publish("placed every_time > exit bought 30d")
    alice = story.contact()
    for days, entered in ((29, 1), (2, 1), (1, 2)):
        story.happens("order.placed", alice)
        story.run()
        assert Enrollment.objects.count() == entered
        story.later(days=days)


def test_an_order_cancelled_before_anybody_looked_never_enters(story):
    story.publish("placed > wait 1d > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.placed", alice, "order:1")
    story.happens("order.placed", alice, "order:2")
    story.happens("order.cancelled", alice, "order:1")
    story.run()
    assert [one.subject for one in Enrollment.objects.all()] == ["order:2"]


def test_an_exit_matched_earlier_than_the_trigger_still_bars_the_entry(story):
    """Two transactions: the later event was committed, and matched, first."""
    story.publish("placed > wait 1d > send thanks ! cancelled")
    alice = story.contact()
    placed = story.happens("order.placed", alice)
    Event.objects.filter(pk=placed.pk).update(matched_at=story.now)
    story.happens("order.cancelled", alice)
    story.run()
    Event.objects.filter(pk=placed.pk).update(matched_at=None)
    story.run()
    assert not Enrollment.objects.exists()


def test_an_exit_before_the_trigger_bars_nothing(story):
    story.publish("subscribed every_time > wait 1d > send news to club ! unsubscribed")
    alice = story.contact()
    story.happens("list.unsubscribed", alice, "list:club")
    story.happens("list.subscribed", alice, "list:club")
    story.run()
    assert inside() == 1


def test_an_event_takes_out_who_is_inside_and_says_why(story):
    story.publish("placed > wait 1d > send thanks ! cancelled")
    alice, bob = story.contact("alice"), story.contact("bob")
    for person in (alice, bob):
        story.happens("order.placed", person, f"order:{person.pk}")
    story.run()
    cancelled = story.happens("order.cancelled", alice, f"order:{alice.pk}")
    story.run()
    left = Enrollment.objects.get(contact=alice)
    assert (left.status, left.exit_reason, left.is_cut_short) == ("ended", "order.cancelled", True)
    assert (left.ended_at, left.due_at, left.reenter_after) == (story.now, None, story.now)
    last = left.visits.get()
    assert (last.number, last.step, last.outcome) == (1, "wait-1", "left")
    assert last.seen == {"event": cancelled.pk, "kind": "order.cancelled"}
    story.later(days=2)
    assert [delivery.contact for delivery in Delivery.objects.all()] == [bob]


def test_an_exit_about_another_subject_takes_nobody_out_unless_it_says_anyone(story):
    story.publish("placed > wait 1d > send thanks ! cancelled, refunded anyone")
    alice = story.contact()
    story.happens("order.placed", alice, "order:1")
    story.happens("order.cancelled", alice, "order:2")
    story.run()
    assert inside() == 1
    story.happens("order.refunded", alice, "order:2")
    story.run()
    assert inside() == 0


def test_a_new_entry_is_possible_in_the_same_batch_after_an_exit(story):
    story.publish("placed every_time > wait 1d > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.happens("order.placed", alice)
    story.happens("order.cancelled", alice)
    story.happens("order.placed", alice)
    story.run()
    assert (Enrollment.objects.count(), inside()) == (2, 1)


def test_leaving_a_list_ends_the_scenario_that_subscribing_started(story, club):
    story.publish("subscribed > send news to club > wait 1d > send more to club")
    alice = story.contact()
    data = {"list": str(club.public_id)}
    story.happens("list.subscribed", alice, f"list:{club.public_id}", data=data)
    story.run()
    story.happens("list.unsubscribed", alice, f"list:{club.public_id}", data=data)
    story.run()
    left = Enrollment.objects.get()
    assert (left.status, left.exit_reason) == ("ended", "list.unsubscribed")


def test_leaving_a_list_ends_a_scenario_whose_every_mail_goes_to_it(story, club):
    story.publish("placed > wait 1d > send news to club")
    story.publish("placed > wait 1d > send news to club > send thanks")
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.happens("list.unsubscribed", alice, f"list:{club.public_id}", data={"list": str(club.public_id)})
    story.run()
    assert [one.scenario.current_version.graph["steps"][2]["kind"] for one in Enrollment.objects.inside()] == [
        "send_email"
    ]


def test_mail_that_is_queued_at_the_end_of_the_path_is_stopped_too(story):
    story.publish("placed > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    ended = Enrollment.objects.get()
    assert (ended.status, ended.exit_reason, ended.is_cut_short) == ("ended", "done", False)
    story.happens("order.cancelled", alice)
    story.run()
    ended.refresh_from_db()
    assert (ended.exit_reason, ended.is_cut_short) == ("done", True)


def test_a_parked_enrollment_is_taken_out_as_well(story):
    story.publish("placed > wait 1d > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    Enrollment.objects.update(status="parked", due_at=None, error="broken")
    story.happens("order.cancelled", alice)
    story.run()
    assert (Enrollment.objects.get().status, Enrollment.objects.get().error) == ("ended", "")


def test_a_chain_of_causes_that_is_too_deep_is_parked_visibly(story):
    story.publish("placed > send thanks")
    story.happens("order.placed", story.contact("alice"), depth=9)
    story.happens("order.placed", story.contact("bob"), depth=10)
    story.run()
    parked = Enrollment.objects.get(status="parked")
    assert (parked.contact.address, parked.due_at) == ("bob@example.org", None)
    assert "circle" in parked.error
    assert Delivery.objects.count() == 1


def test_people_enter_a_paused_scenario_and_wait_inside(story):
    made = story.publish("placed > send thanks")
    type(made).objects.update(is_paused=True)
    story.happens("order.placed", story.contact())
    story.run()
    assert (inside(), Visit.objects.count()) == (1, 0)
    type(made).objects.update(is_paused=False)
    story.run()
    assert (inside(), Visit.objects.count()) == (0, 2)


def test_nobody_enters_an_unpublished_scenario_but_who_is_inside_goes_on(story):
    made = story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact("alice"))
    story.run()
    made.unpublish()
    story.happens("order.placed", story.contact("bob"))
    story.later(days=2)
    assert [one.contact.address for one in Delivery.objects.all()] == ["alice@example.org"]
    assert Enrollment.objects.count() == 1


def test_enrollments_stay_on_the_version_they_entered(story):
    made = story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact("alice"))
    story.run()
    story.now += timedelta(minutes=1)
    made.graph["steps"][0]["amount"] = 5
    with clock.moved(story.now):
        made.save_revision().publish()
    story.happens("order.placed", story.contact("bob"))
    story.later(days=2)
    assert {one.contact.address: one.version.number for one in Enrollment.objects.all()} == {
        "alice@example.org": 1,
        "bob@example.org": 2,
    }
    assert [one.contact.address for one in Delivery.objects.all()] == ["alice@example.org"]


@dataclass(frozen=True, kw_only=True)
class Moody(EventTrigger):
    """Raises at some events, and asks for a key that PostgreSQL can't store at others."""

    kind: ClassVar[str] = "moody"

    def entry_key(self, event, past):
        match event.data.get("mood"):
            case "raise":
                raise ValueError("not today")
            case "nul":
                return "\x00"
        return super().entry_key(event, past)


registry.register_trigger(Moody)


@pytest.mark.parametrize("mood", ["raise", "nul"])
def test_an_event_that_cannot_be_matched_holds_up_nobody_else(story, mood):
    made = story.publish("placed > wait 1d > send thanks")
    made.graph["triggers"][0]["kind"] = "moody"
    with clock.moved(story.now):
        made.save_revision().publish()
    story.now += timedelta(seconds=1)
    story.happens("order.placed", story.contact("alice"), "order:1", data={"mood": mood})
    story.happens("order.placed", story.contact("bob"), "order:2")
    story.run()
    assert Enrollment.objects.filter(contact__address="bob@example.org").count() == 1


def test_the_queries_of_a_batch_follow_neither_contacts_nor_events(story):
    story.publish("placed > wait 1d > send thanks ! cancelled")
    counts = []
    for people in (range(3), range(3, 33)):
        for number in people:
            person = story.contact(f"person{number}")
            story.happens("order.placed", person, f"order:{number}")
            if number % 3 == 0:
                story.happens("order.cancelled", person, f"order:{number}")
        with CaptureQueriesContext(connection) as queries:
            enrolling.match_events(story.now)
        counts.append(len(queries))
    assert inside() == 22
    # The first batch also reads the graph. COPY draws keys first, and for enrollments takes a savepoint.
    assert counts[1] <= counts[0] <= (19 if connection.vendor == "postgresql" else 16)


def test_a_subscription_to_a_chosen_list_enrolls_and_its_mail_is_for_that_list(story, club):
    graph = drawn("subscribed > send news")
    graph["triggers"][0] = {"id": "t1", "kind": "list", "lists": [str(club.public_id)]}
    story.publish_graph(graph)
    alice = story.contact()
    for public_id in (key("other"), str(club.public_id)):
        story.happens("list.subscribed", alice, f"list:{public_id}", data={"list": public_id})
    story.run()
    assert Enrollment.objects.get().subject == f"list:{club.public_id}"
    assert Delivery.objects.get().mailing_list == club


def test_a_filter_on_the_value_of_an_order_lets_in_only_who_spent_so_much(story):
    graph = drawn("placed > wait 1d > send thanks")
    graph["triggers"][0]["where"] = [{"name": "total", "operator": "at_least", "value": "50"}]
    story.publish_graph(graph)
    alice = story.contact()
    for number, total in enumerate(["49.99", "50.00", None, "120"]):
        story.happens("order.placed", alice, f"order:{number}", data={} if total is None else {"total": total})
    story.run()
    assert sorted(Enrollment.objects.values_list("subject", flat=True)) == ["order:1", "order:3"]


def test_a_property_that_gets_a_value_starts_a_scenario_each_time(story):
    prop = Property.objects.create(name="tier", label="Tier")
    graph = drawn("placed > send thanks")
    graph["triggers"][0] = {"id": "t1", "kind": "property_changed", "property": "tier", "to": "gold"}
    story.publish_graph(graph)
    alice = story.contact()
    for value in ("silver", "gold", "gold", "silver", "gold"):
        story.now += timedelta(seconds=1)
        with clock.moved(story.now):
            set_property(alice, prop, value)
        story.run()
    assert [one.subject for one in Enrollment.objects.all()] == ["property:tier"] * 2
