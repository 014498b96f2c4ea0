"""After a pause: everybody goes on, never in a burst, and each wait says how late is too late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.drawing import scenario
from wagtail_flows.engine import advancing, gates
from wagtail_flows.engine.by_hand import try_again
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.pausing import pause, resume


pytestmark = pytest.mark.django_db


def resume_after(story, made, spread=timedelta(hours=1), **amount):
    story.now += timedelta(**amount)
    story.run()
    with clock.moved(story.now):
        assert resume(made, spread)
        assert not resume(made)


def test_whoever_is_overdue_gets_a_moment_of_their_own_within_the_time_chosen(story):
    made = story.publish("placed > wait 1h > send thanks")
    for number in range(90):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    story.run()
    pause(made)
    resume_after(story, made, timedelta(minutes=1), hours=5)
    moments = set(Enrollment.objects.values_list("due_at", flat=True))
    assert min(moments) >= story.now
    assert max(moments) < story.now + timedelta(minutes=1)
    assert len(moments) == 60, "as many seconds as there are"
    story.later(seconds=30)
    assert 25 <= Delivery.objects.count() <= 65, "about half of them in half the time"
    story.later(seconds=30)
    assert Delivery.objects.count() == 90


def test_few_are_not_kept_waiting(story):
    made = story.publish("placed > wait 1h > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    pause(made)
    resume_after(story, made, hours=5)
    story.run()
    assert Delivery.objects.count() == 1


def test_who_is_not_overdue_keeps_the_moment_and_who_is_too_late_goes_another_way(story):
    made = story.publish("placed > wait 1h late 2h > send thanks")
    for number, name in enumerate(["alice", "bob"]):
        story.happens("order.placed", story.contact(name), f"order:{number}")
    story.run()
    pause(made)
    story.now += timedelta(hours=9, minutes=30)
    story.happens("order.placed", story.contact("carol"), "order:3")
    story.run()
    with clock.moved(story.now - timedelta(minutes=1)):
        advancing.advance(clock.now())
    resume_after(story, made, minutes=1)
    story.later(minutes=5)
    assert Delivery.objects.count() == 0
    assert {one.exit_reason for one in Enrollment.objects.filter(status="ended")} == {"too_late"}
    story.later(hours=1)
    assert Delivery.objects.count() == 1


def test_who_waited_for_a_window_long_past_is_too_late_for_the_next_ones(story):
    graph = scenario("placed > window 18:00 20:00 > send thanks")
    graph["steps"][0]["late"] = {"skip_after_hours": 12}
    made = story.publish_graph(graph)
    story.happens("order.placed", story.contact())
    story.run()
    pause(made)
    resume_after(story, made, days=20)
    story.run()
    assert Enrollment.objects.get().exit_reason == "too_late"
    assert not Delivery.objects.exists()


def test_who_was_stuck_and_tries_again_in_a_pause_waits_as_long_as_the_step_says(story):
    made = story.publish("placed > wait 9d > send thanks")
    for number in range(3):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    story.run()
    before = set(Enrollment.objects.values_list("due_at", flat=True))
    Enrollment.objects.update(status="parked", due_at=None, attempts=5, error="It broke.")
    pause(made)
    story.now += timedelta(hours=1)
    assert try_again(Enrollment.objects.values_list("pk", flat=True), story.now) == 3
    resume_after(story, made, hours=5)
    story.later(hours=1)
    assert set(Enrollment.objects.values_list("due_at", flat=True)) == before


def test_mails_that_were_held_are_spread_too(story):
    made = story.publish("placed > send thanks")
    for number in range(20):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    story.run()
    pause(made)
    held = story.now + timedelta(hours=2) + gates.HELD_FOR
    Delivery.objects.update(due_at=held, reason=gates.PAUSED)
    resume_after(story, made, timedelta(seconds=10), hours=2)
    moments = sorted(Delivery.objects.values_list("due_at", flat=True))
    assert moments[0] >= story.now
    assert moments[-1] < story.now + timedelta(seconds=10)
    assert len(set(moments)) == 10


def test_another_scenario_is_left_alone(story):
    made = story.publish("placed > wait 1h > send thanks")
    other = story.publish("placed > wait 1h > send more")
    for number in range(4):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    story.run()
    pause(made)
    pause(other)
    before = list(other.enrollments.order_by("pk").values_list("due_at", flat=True))
    resume_after(story, made, hours=5)
    assert list(other.enrollments.order_by("pk").values_list("due_at", flat=True)) == before
