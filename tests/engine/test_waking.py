"""Waiting for an event: it wakes who waits for it, once, and none is lost in between."""

from __future__ import annotations

import threading

from datetime import timedelta

import pytest

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.drawing import choosing, key
from wagtail_flows.engine import advancing, enrolling
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.events.recording import NewEvent, record
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db

PAID = {"kind": "wait_for_event", "event": "order.paid", "same_subject": True, "timeout": {"amount": 2, "unit": "days"}}


def waiting(trigger: str = "placed", **changes):
    return choosing(trigger, {**PAID, **changes}, happened="exit happened", timeout="exit timeout")


def reasons() -> list[str]:
    return list(Enrollment.objects.order_by("pk").values_list("exit_reason", flat=True))


def test_the_enrollment_waits_until_the_event_happens(story):
    story.publish_graph(waiting())
    alice = story.contact(time_zone="UTC")
    story.happens("order.placed", alice)
    story.run()
    one = Enrollment.objects.get()
    assert (one.waits_for_kind, one.waits_for_match) == ("order.paid", {"subject": "order:1"})
    assert one.due_at == story.now + timedelta(days=2)
    event = story.happens("order.paid", alice)
    story.run()
    one.refresh_from_db()
    assert (one.exit_reason, one.waits_for_kind, one.woken_by, one.heard_event_id) == ("happened", "", None, event.pk)
    assert Visit.objects.get(step="choose").seen["event"] == str(event.pk)


def test_when_the_time_is_over_it_goes_out_by_the_other_way(story):
    story.publish_graph(waiting())
    story.happens("order.placed", story.contact(time_zone="UTC"))
    story.run()
    story.later(days=1, hours=23)
    assert reasons() == [""]
    story.later(hours=1)
    assert reasons() == ["timeout"]
    assert Enrollment.objects.get().waits_for_kind == ""


@pytest.mark.parametrize(
    ("kind", "subject", "data"),
    [
        ("order.paid", "order:2", {"total": "100"}),
        ("order.shipped", "order:1", {}),
        ("order.paid", "order:1", {"total": "9"}),
    ],
)
def test_an_event_of_another_kind_or_subject_or_data_wakes_nobody(story, kind, subject, data):
    story.publish_graph(waiting(where=[{"name": "total", "operator": "at_least", "value": "50"}]))
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.happens(kind, alice, subject, data=data)
    story.run()
    assert reasons() == [""]
    story.happens("order.paid", story.contact("bob"), "order:1", data={"total": "100"})
    story.run()
    assert reasons() == [""]
    story.happens("order.paid", alice, "order:1", data={"total": "100"})
    story.run()
    assert reasons() == ["happened"]


def test_an_event_about_anything_wakes_where_the_subject_does_not_matter(story):
    story.publish_graph(waiting(same_subject=False))
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.happens("order.paid", alice, "order:7")
    story.run()
    assert reasons() == ["happened"]


def test_the_event_that_brought_somebody_in_does_not_wake_them(story):
    story.publish_graph(waiting("placed every_time", event="order.placed", same_subject=False))
    alice = story.contact()
    story.happens("order.placed", alice, "order:1")
    story.run()
    assert reasons() == [""]


def test_one_event_wakes_one_wait_of_two_in_a_row(story):
    graph = waiting()
    again = {"id": "again", **PAID, "outlets": {"happened": "happened-exit-1", "timeout": "timeout-exit-1"}}
    graph["steps"][0]["outlets"]["happened"] = "again"
    graph["steps"].append(again)
    story.publish_graph(graph)
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.happens("order.paid", alice)
    story.run()
    one = Enrollment.objects.get()
    assert (one.step, one.waits_for_kind) == ("again", "order.paid")
    story.happens("order.paid", alice)
    story.run()
    assert reasons() == ["happened"]


def test_an_event_matched_before_the_wait_was_armed_is_found_by_looking_back(story):
    """The step was entered, but the runner stopped before it was decided."""
    story.publish_graph(waiting())
    alice = story.contact()
    story.happens("order.placed", alice)
    with clock.moved(story.now):
        enrolling.match_events(story.now)
    story.happens("order.paid", alice)
    with clock.moved(story.now):
        enrolling.match_events(story.now)
    assert Event.objects.filter(matched_at__isnull=True).count() == 0
    story.run()
    assert reasons() == ["happened"]


def test_an_event_that_is_not_matched_yet_wins_over_the_time_out(story):
    story.publish_graph(waiting())
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.now += timedelta(days=3)
    story.happens("order.paid", alice)
    with clock.moved(story.now):
        advancing.advance(story.now)
    assert reasons() == ["happened"]
    story.run()
    assert Visit.objects.filter(step="choose").count() == 1


def test_who_is_taken_out_is_not_woken(story):
    story.publish_graph({**waiting(), "exits": [{"event": "order.paid", "same_subject": True}]})
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    story.happens("order.paid", alice)
    story.run()
    assert reasons() == ["order.paid"]
    one = Enrollment.objects.get()
    assert (one.waits_for_kind, one.waits_for_match) == ("", {}), "who left waits for nothing"


def test_of_two_events_the_first_recorded_wakes(story):
    story.publish_graph(waiting(same_subject=False))
    alice = story.contact()
    story.happens("order.placed", alice)
    story.run()
    first = story.happens("order.paid", alice, "order:5")
    story.happens("order.paid", alice, "order:6")
    story.run()
    assert Enrollment.objects.get().heard_event_id == first.pk


def test_the_queries_of_waking_do_not_follow_the_number_of_contacts(story):
    story.publish_graph(waiting())
    people = [story.contact(f"p{number}") for number in range(40)]
    for number, person in enumerate(people):
        story.happens("order.placed", person, f"order:{number}")
    story.run()
    counts = []
    for some in (range(3), range(3, 40)):
        for number in some:
            story.happens("order.paid", people[number], f"order:{number}")
        with clock.moved(story.now), CaptureQueriesContext(connection) as queries:
            enrolling.match_events(story.now)
            advancing.advance(story.now)
        counts.append(len(queries))
    assert set(reasons()) == {"happened"}
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_while_the_wait_is_being_armed_is_not_lost(story):
    """Another connection has recorded the event, and commits only once the waiting has begun."""
    if not connection.features.has_select_for_update_skip_locked:
        pytest.skip("SQLite lets only one write at a time.")
    story.publish_graph(waiting())
    alice = story.contact()
    story.happens("order.placed", alice)
    with clock.moved(story.now):
        enrolling.match_events(story.now)
    recorded, armed = threading.Event(), threading.Event()

    def pay() -> None:
        try:
            with transaction.atomic():
                record(NewEvent("order.paid", alice.pk, "test", "order.paid:x", subject="order:1"))
                recorded.set()
                armed.wait(20)
        finally:
            connection.close()

    shop = threading.Thread(target=pay)
    shop.start()
    assert recorded.wait(20)
    story.now += timedelta(seconds=5)
    with clock.moved(story.now):
        advancing.advance(story.now)
    assert Enrollment.objects.get().waits_for_kind == "order.paid"
    armed.set()
    shop.join(20)
    story.run()
    assert reasons() == ["happened"]


def test_a_wait_for_an_event_says_what_it_waits_for(story):
    from wagtail_flows.scenarios.outline import outlined  # noqa: PLC0415

    line = outlined(waiting()).steps[0]
    assert line.text == "Wait up to 2 days until “Order paid” happens to the same subject"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"timeout": None}, ("timeout", "missing")),
        ({"timeout": {"amount": 0, "unit": "days"}}, ("timeout.amount", "not_a_number")),
        ({"event": "order.eaten"}, ("event", "unknown_event")),
        ({"event": "list.subscribed", "where": {"list": key("nowhere")}}, ("where.list", "unknown_list")),
    ],
)
def test_what_is_wrong_with_a_wait_for_an_event_is_located(changes, problem):
    from wagtail_flows.scenarios.publishing import problems_of  # noqa: PLC0415

    found = [(one.field, one.code) for one in problems_of(waiting(**changes), {}) if one.step == "choose"]
    assert found == [problem]
