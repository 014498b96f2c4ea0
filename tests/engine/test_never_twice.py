"""Whatever is drawn, whatever happens, and wherever it breaks: nobody is moved twice, mailed after leaving, or
forgotten.
"""

from __future__ import annotations

import threading

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from django.db import connection, transaction
from django.db.models import Count
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import Story
from wagtail_flows.engine import advancing, enrolling
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Scenario


LONGEST_PATH = 4
triggers = st.sampled_from(["placed", "placed once", "placed every_time", "paid every_time"])
waits = st.sampled_from(["wait 1m", "wait 2h", "wait 1d", "wait 1d after event", "wait 1d late 12h", "await paid 1d"])
sends = st.sampled_from(["send thanks", "send more"])
ends = st.sampled_from(["exit", "exit bought never", "exit done 2d"])
exits = st.sampled_from(["", " ! cancelled", " ! refunded anyone", " ! cancelled, paid anyone"])


@st.composite
def drawings(draw: Any) -> str:
    """A small graph: mails and waits in any order, an end, perhaps exits."""
    steps = draw(st.lists(st.one_of(waits, sends), min_size=1, max_size=LONGEST_PATH))
    return " > ".join([draw(triggers), *steps, draw(ends)]) + draw(exits)


happenings = st.tuples(
    st.sampled_from(["order.placed", "order.paid", "order.cancelled", "order.refunded"]),
    st.sampled_from(["alice", "bob"]),
    st.sampled_from(["order:1", "order:2"]),
)
pauses = st.sampled_from([0, 60, 3600, 86_400, 200_000])
# What comes next: something happens, time passes, or the engine works (and perhaps crashes at the n-th statement).
moves = st.one_of(happenings, pauses, st.tuples(st.just("crash"), st.integers(1, 25)))
stories = st.tuples(st.lists(drawings(), min_size=1, max_size=2), st.lists(moves, min_size=3, max_size=14))


class Crash(Exception):
    """The worker is gone, in the middle of it."""


@contextmanager
def crashing_at(statement: int) -> Iterator[None]:
    """Let the n-th statement from here on, and all after it, never reach the database."""
    numbers = count(1)

    def execute(run: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if next(numbers) >= statement and not sql.startswith(("ROLLBACK", "RELEASE", "SAVEPOINT")):
            raise Crash
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield


def crash(story: Story, statement: int) -> None:
    """Work until the n-th statement. The engine takes a crash for an error of one enrollment where it may; a dead
    worker writes nothing any more, so neither do the attempts it would have noted.
    """
    for phase in (enrolling.match_events, advancing.advance):
        try:
            with transaction.atomic(), clock.moved(story.now), crashing_at(statement):
                phase(story.now)
                raise Crash
        except Crash:
            continue


def follow(story: Story, told: list[Any]) -> None:
    for move in told:
        match move:
            case ("crash", int(statement)):
                crash(story, statement)
            case (str(kind), str(name), str(subject)):
                story.happens(kind, story.contact(name), subject)
            case int(seconds):
                story.later(seconds=seconds)


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


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(stories)
def test_whatever_is_drawn_happens_and_breaks(story, told):
    drawn, moved = told
    # Each example leaves the tables as it found them.
    with transaction.atomic():
        story = Story()
        for drawing in drawn:
            story.publish(drawing)
        follow(story, moved)
        story.run()
        nothing_is_wrong(story.now)
        for _wait in range(LONGEST_PATH):
            story.later(days=2)
        nothing_is_wrong(story.now)
        assert not Enrollment.objects.inside().exists(), "everybody comes to an end"
        transaction.set_rollback(True)


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
