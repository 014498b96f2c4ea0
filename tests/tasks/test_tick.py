"""A tick does everything that is due, in the order in which one thing makes work for the next."""

from __future__ import annotations

import time

from datetime import timedelta

import pytest

from django.core import mail

from wagtail_flows import tasks
from wagtail_flows.engine import heartbeat
from wagtail_flows.engine.models import Enrollment, Heartbeat
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Scenario


pytestmark = pytest.mark.django_db(transaction=True)


def test_from_an_event_to_the_mail_server_in_one_tick(story):
    story.publish("placed > send thanks > wait 1d > send more")
    story.happens("order.placed", story.contact())
    report = tasks.tick(story.now, until_idle=True)
    assert [message.subject for message in mail.outbox] == ["thanks"]
    assert (report.done["events"], report.done["enrollments"], report.done["deliveries"]) == (1, 1, 1)
    assert str(report) == "events: 1, enrollments: 1, deliveries: 1"
    tasks.tick(story.now + timedelta(days=1), until_idle=True)
    assert [message.subject for message in mail.outbox] == ["thanks", "more"]
    assert str(tasks.tick(story.now + timedelta(days=2), until_idle=True)) == "nothing was due"


def test_the_clock_stands_where_the_tick_was_told_only_while_it_works(story):
    before = clock.now()
    tasks.tick(story.now, until_idle=True)
    assert clock.now() >= before


def test_who_leaves_before_the_hand_over_gets_nothing(story):
    story.publish("placed > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.happens("order.cancelled", alice)
    tasks.tick(story.now, until_idle=True)
    assert mail.outbox == []
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.reason) == ("skipped", "left_scenario")


def test_a_paused_scenario_holds_its_mail_and_sends_it_when_it_goes_on(story):
    made = story.publish("placed > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    Scenario.objects.filter(pk=made.pk).update(is_paused=True)
    tasks.tick(story.now, until_idle=True)
    delivery = Delivery.objects.get()
    assert (mail.outbox, delivery.status, delivery.reason) == ([], "queued", "paused")
    assert delivery.due_at > story.now
    Scenario.objects.filter(pk=made.pk).update(is_paused=False)
    tasks.tick(delivery.due_at, until_idle=True)
    assert len(mail.outbox) == 1


def test_ending_by_itself_right_after_an_e_mail_does_not_stop_it(story):
    story.publish("placed > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    assert Enrollment.objects.get().status == "ended"
    tasks.tick(story.now, until_idle=True)
    assert len(mail.outbox) == 1


def broken(now, until):
    raise RuntimeError("the shop is on fire")


def test_a_phase_that_raises_is_logged_and_told_and_the_others_go_on(story, monkeypatch, caplog):
    story.publish("placed > send thanks")
    story.happens("order.placed", story.contact())
    on_fire = tasks.Phase("webhooks", broken, lambda now: now)
    monkeypatch.setattr(tasks, "phases", lambda own=tasks.phases: (on_fire, *own()[1:]))
    report = tasks.tick(story.now, until_idle=True)
    assert len(mail.outbox) == 1
    assert report.failed == {"webhooks": "RuntimeError: the shop is on fire"}
    assert "The phase 'webhooks' raised" in caplog.text
    with pytest.raises(tasks.TickFailed, match="on fire"):
        report.raise_failures()
    with pytest.raises(tasks.TickFailed):
        tasks.answer_bell.call()


def test_a_task_answers_with_what_it_did_and_leaves_a_heartbeat(story, queued):
    tasks.ring()
    assert tasks.answer_bell.call()["deliveries"] == 0
    assert not heartbeat.is_rung()
    assert heartbeat.last_beat() is not None


def test_a_runner_does_not_wake_another_for_what_it_makes_due_itself(story, queued):
    story.publish("placed > send thanks")
    story.happens("order.placed", story.contact())
    assert len(queued) == 1, "the event rang"
    tasks.tick(story.now, budget=30)
    assert (len(mail.outbox), len(queued)) == (1, 1)


def test_with_nothing_due_soon_a_tick_ends_at_once_without_a_successor(story, queued):
    story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    queued.clear()
    began = time.monotonic()
    tasks.tick(story.now, budget=30)
    assert time.monotonic() - began < 10
    assert queued == []


def test_a_tick_waits_for_what_falls_due_within_its_budget(story):
    """The one test that sleeps, for half a second: waiting is what it is about."""
    story.now = clock.real_now()
    story.publish("placed > wait 1m > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    Enrollment.objects.update(step_entered_at=clock.real_now() - timedelta(seconds=59.2))
    Enrollment.objects.update(due_at=clock.real_now() + timedelta(seconds=0.8))
    tasks.tick(budget=20)
    assert len(mail.outbox) == 1
    assert Heartbeat.objects.get().waiting_until is None


def test_while_one_runner_waits_another_goes_home(story):
    story.now = clock.real_now()
    story.publish("placed > wait 1m > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    Enrollment.objects.update(due_at=clock.real_now() + timedelta(seconds=20))
    assert heartbeat.begin_waiting(clock.real_now() + timedelta(seconds=50))
    assert not heartbeat.begin_waiting(clock.real_now() + timedelta(seconds=50))
    began = time.monotonic()
    tasks.tick(budget=40)
    assert time.monotonic() - began < 10


def test_a_tick_whose_time_is_over_leaves_what_is_due_soon_to_a_successor(story, queued):
    story.now = clock.real_now()
    story.publish("placed > wait 1m > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    Enrollment.objects.update(due_at=clock.real_now() + timedelta(seconds=30))
    heartbeat.answer_bell()
    queued.clear()
    tasks.tick(budget=0)
    assert len(queued) == 1


@pytest.mark.parametrize("budget", [None, 30])
def test_a_phase_with_endless_work_lets_the_others_have_their_turn(monkeypatch, budget):
    monkeypatch.setattr(tasks, "TURN", 0.05)
    turns = []

    def endless(now, until):
        turns.append("endless")
        time.sleep(max(0.0, until - time.monotonic()))
        return 1 if len(turns) < 6 else 0

    def brief(now, until):
        turns.append("brief")
        return 0

    monkeypatch.setattr(tasks, "phases", lambda: (tasks.Phase("endless", endless), tasks.Phase("brief", brief)))
    begun = time.monotonic()
    tasks.tick(budget=budget, until_idle=budget is None)
    assert turns == ["endless", "brief"] * 4
    assert time.monotonic() - begun < 10
