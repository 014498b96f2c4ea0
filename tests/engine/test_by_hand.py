"""What a person does to people inside: try again, skip a wait, take out. Nobody is brought back, nobody doubled."""

from __future__ import annotations

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from wagtail_flows.engine.by_hand import NotWaiting, skip_wait, take_out, try_again
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.rescue import rescue
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.models import Delivery


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(story):
    """Alice waits for a day."""
    story.publish("placed > wait 1d > send thanks > wait 2d > send more")
    story.happens("order.placed", story.contact())
    story.run()
    return Enrollment.objects.get()


def park(enrollment):
    Enrollment.objects.filter(pk=enrollment.pk).update(
        status="parked", due_at=None, attempts=6, error="StepLost: gone", step="send-1"
    )


def test_a_parked_one_tries_again_from_where_it_stands(story, waiting):
    park(waiting)
    assert try_again([waiting.pk], story.now) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.due_at, waiting.attempts, waiting.error) == ("active", story.now, 0, "")
    story.run()
    assert Delivery.objects.count() == 1
    waiting.refresh_from_db()
    assert waiting.step == "wait-2"


def test_only_parked_ones_try_again(story, waiting):
    assert try_again([waiting.pk], story.now) == 0
    take_out([waiting.pk], story.now)
    assert try_again([waiting.pk], story.now) == 0
    waiting.refresh_from_db()
    assert waiting.status == "ended"


def test_who_is_taken_out_has_a_last_visit_and_no_due_time(story, waiting):
    assert take_out([waiting.pk], story.now) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.exit_reason, waiting.is_cut_short) == ("ended", "taken_out", True)
    assert (waiting.due_at, waiting.ended_at, waiting.reenter_after) == (None, story.now, story.now)
    last = waiting.visits.last()
    assert (last.number, last.step, last.outcome, last.seen) == (
        waiting.visit_count,
        "wait-1",
        "left",
        {"by_hand": True},
    )
    assert take_out([waiting.pk], story.now) == 0
    assert Visit.objects.count() == 1


def test_what_was_queued_for_who_is_taken_out_does_not_leave(story, waiting):
    story.later(days=1)
    assert Delivery.objects.get().status == "queued"
    take_out([waiting.pk], story.now)
    deliver(story.now)
    assert (Delivery.objects.get().status, Delivery.objects.get().reason) == ("skipped", "left_scenario")


def test_who_was_taken_out_comes_in_again_only_by_another_occasion(story, waiting):
    take_out([waiting.pk], story.now)
    story.happens("order.placed", waiting.contact)
    story.run()
    assert Enrollment.objects.count() == 1
    story.happens("order.placed", waiting.contact, "order:2")
    story.run()
    assert Enrollment.objects.inside().count() == 1


def test_a_parked_one_is_taken_out_as_well(story, waiting):
    park(waiting)
    assert take_out([waiting.pk], story.now) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error) == ("ended", "")


def test_a_wait_that_is_skipped_is_over_and_the_next_one_is_whole(story, waiting):
    skip_wait(waiting.pk, story.now)
    story.run()
    waiting.refresh_from_db()
    assert Delivery.objects.count() == 1
    assert waiting.step == "wait-2"
    assert (waiting.due_at - story.now).days == 2
    first = waiting.visits.first()
    assert (first.step, first.outlet, first.seen["by_hand"]) == ("wait-1", "next", True)


def test_who_waits_for_an_event_goes_on_as_if_the_time_were_over(story):
    story.publish("placed > await paid 2d > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    one = Enrollment.objects.get()
    skip_wait(one.pk, story.now)
    story.run()
    one.refresh_from_db()
    assert (one.visits.first().outlet, one.waits_for_kind, one.status) == ("timeout", "", "ended")


def test_who_does_not_wait_is_not_moved(story, waiting):
    Enrollment.objects.update(due_at=story.now)
    with pytest.raises(NotWaiting):
        skip_wait(waiting.pk, story.now)
    Enrollment.objects.update(due_at=waiting.due_at, step="send-1")
    with pytest.raises(NotWaiting, match="can't be skipped"):
        skip_wait(waiting.pk, story.now)
    Enrollment.objects.update(step="gone")
    with pytest.raises(NotWaiting):
        skip_wait(waiting.pk, story.now)
    assert Visit.objects.count() == 0


def test_many_cost_as_many_questions_as_few(story):
    story.publish("placed > wait 1d > send thanks")
    for number in range(12):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    story.run()
    ids = list(Enrollment.objects.values_list("pk", flat=True))

    def asked(verb, some):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert verb(some, story.now) == len(some)
        return len(queries)

    assert asked(take_out, ids[:1]) == asked(take_out, ids[1:6])
    Enrollment.objects.filter(pk__in=ids[6:]).update(status="parked", due_at=None)
    assert asked(try_again, ids[6:7]) == asked(try_again, ids[7:])
    assert rescue(story.now) == 0
