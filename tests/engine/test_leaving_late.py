"""Leaving at the last moment: between the last step and the hand-over, and while an e-mail is being handed over."""

from __future__ import annotations

import uuid

from datetime import timedelta

import pytest

from wagtail_flows.engine import gates
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.models import Delivery


pytestmark = pytest.mark.django_db


def verdict(delivery: Delivery) -> object:
    return gates.left_or_paused([delivery]).get(delivery.pk)


@pytest.mark.parametrize("status", ["queued", "sending", "uncertain"])
def test_an_exit_while_the_mail_is_being_handed_over_stops_another_attempt(story, status):
    """The server says "later" after the order was cancelled: what comes back to the queue mustn't leave any more."""
    story.publish("delivered > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.delivered", alice)
    story.run()
    Delivery.objects.update(status=status, lease_token=uuid.uuid4())
    story.happens("order.cancelled", alice)
    story.run()
    assert Enrollment.objects.get().is_cut_short
    assert verdict(Delivery.objects.get()) == Skip(gates.LEFT_SCENARIO)


def test_an_exit_that_nobody_has_matched_yet_stops_the_mail(story):
    story.publish("delivered > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.delivered", alice)
    story.run()
    story.happens("order.cancelled", alice)
    assert verdict(Delivery.objects.get()) == Skip(gates.LEFT_SCENARIO)


@pytest.mark.parametrize(("kind", "subject"), [("order.cancelled", "order:2"), ("order.paid", "order:1")])
def test_an_unmatched_event_that_is_no_exit_of_this_one_stops_nothing(story, kind, subject):
    story.publish("delivered > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.delivered", alice)
    story.run()
    story.happens(kind, alice, subject)
    assert verdict(Delivery.objects.get()) is None


def test_publishing_again_loses_nobody_whose_event_waits_to_be_matched(story):
    made = story.publish("delivered > wait 1d > send thanks")
    story.happens("order.delivered", story.contact())
    story.now += timedelta(seconds=1)
    with clock.moved(story.now):
        made.graph["steps"][0]["amount"] = 2
        made.save_revision().publish()
    story.later(seconds=1)
    entered = Enrollment.objects.get()
    assert (entered.version.number, entered.version.graph["steps"][0]["amount"]) == (2, 2)


def test_a_trigger_that_is_new_begins_with_events_recorded_from_now_on(story):
    made = story.publish("delivered > wait 1d > send thanks")
    story.happens("order.placed", story.contact())
    story.now += timedelta(seconds=1)
    with clock.moved(story.now):
        made.graph["triggers"][0]["event"] = "order.placed"
        made.save_revision().publish()
    story.later(seconds=1)
    assert not Enrollment.objects.exists()


def test_an_exit_that_commits_after_a_later_event_brought_somebody_in_still_ends_it(story):
    """Two transactions commit the other way round. Where the order is in doubt, nothing is sent."""
    story.publish("placed > wait 1d > send thanks ! cancelled")
    alice = story.contact()
    late = story.happens("order.cancelled", alice)
    type(late).objects.update(matched_at=story.now)
    story.happens("order.placed", alice)
    story.run()
    assert Enrollment.objects.get().status == "active"
    type(late).objects.filter(pk=late.pk).update(matched_at=None)
    story.run()
    assert Enrollment.objects.get().exit_reason == "order.cancelled"
