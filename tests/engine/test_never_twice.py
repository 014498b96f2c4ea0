"""Two runners and a crowd of events: nobody is moved twice, mailed after leaving, or forgotten."""

from __future__ import annotations

import threading

from typing import Any

import pytest

from django.db import connection
from django.db.models import Count

from wagtail_flows.engine import advancing, enrolling
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Scenario


def nothing_is_wrong(now: Any) -> None:
    twice = Visit.objects.values("enrollment", "number").annotate(times=Count("pk")).filter(times__gt=1)
    assert not twice.exists()
    for enrollment in Enrollment.objects.prefetch_related("visits"):
        visits = list(enrollment.visits.all())
        assert [visit.number for visit in visits] == list(range(1, enrollment.visit_count + 1))
        assert (enrollment.status == "ended") == (enrollment.ended_at is not None)
        assert enrollment.status == "ended" or enrollment.due_at is not None, "forgotten"
        assert enrollment.status == "ended" or enrollment.due_at > now, "left behind"
        assert not enrollment.error
        assert enrollment.status != "ended" or visits[-1].outcome in {"finish", "left"}
    sent = set(Delivery.objects.values_list("visit_id", flat=True))
    assert sent == set(Visit.objects.filter(outcome="send").values_list("pk", flat=True))
    assert not Event.objects.filter(matched_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_runners_and_a_crowd_of_events_at_the_same_time(story):
    """On PostgreSQL they interleave statement by statement, on SQLite transaction by transaction."""
    story.publish("placed every_time > send thanks > wait 1d > send more ! cancelled")
    story.publish("placed > wait 1d > send thanks > send more")
    people = [story.contact(f"person{number}") for number in range(12)]
    failures: list[Exception] = []
    recorded = threading.Event()

    def work() -> None:
        try:
            while not recorded.is_set() or Event.objects.filter(matched_at=None).exists():
                enrolling.match_events(story.now)
                advancing.advance(story.now)
        except Exception as error:  # noqa: BLE001  (told by the test's own thread)
            failures.append(error)
        finally:
            connection.close()

    with clock.moved(story.now):
        runners = [threading.Thread(target=work) for _runner in range(2)]
        for runner in runners:
            runner.start()
        for number in range(3):
            for person in people:
                story.happens("order.placed", person, f"order:{number}")
                if person.pk % 3 == number:
                    story.happens("order.cancelled", person, f"order:{number}")
        recorded.set()
        for runner in runners:
            runner.join(timeout=60)
    assert failures == []
    story.run()
    nothing_is_wrong(story.now)
    after_leaving = Visit.objects.filter(enrollment__is_cut_short=True, outcome="send", left_at__gt=story.now)
    assert not after_leaving.exists()
    story.later(days=2)
    assert not Enrollment.objects.inside().exists()
    assert Enrollment.objects.filter(scenario=Scenario.objects.latest("pk")).count() == 36
    stopped = Enrollment.objects.filter(exit_reason="order.cancelled")
    assert not Visit.objects.filter(enrollment__in=stopped, step="send-2").exists()
