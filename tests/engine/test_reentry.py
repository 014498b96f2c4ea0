"""How often one contact may come in, whoever asks at the same time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.drawing import scenario
from tests.together import at_the_same_time, without_errors
from wagtail_flows.engine import enrolling
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db


def published(story, reentry, drawing="placed > wait 1d > send thanks"):
    graph = scenario(drawing)
    graph["triggers"][0]["reentry"] = reentry
    return story.publish_graph(graph)


def entered() -> int:
    return Enrollment.objects.count()


def test_again_only_after_having_left_whatever_the_subject(story):
    published(story, "after_leaving")
    alice = story.contact()
    story.happens("order.placed", alice, "order:1")
    story.happens("order.placed", alice, "order:2")
    story.run()
    story.happens("order.placed", alice, "order:3")
    story.run()
    assert entered() == 1
    story.later(days=2)
    story.happens("order.placed", alice, "order:4")
    story.run()
    assert sorted(Enrollment.objects.values_list("subject", flat=True)) == ["order:1", "order:4"]


def test_who_is_taken_out_in_this_batch_may_come_in_again_in_it(story):
    published(story, "after_leaving", "placed > wait 1d > send thanks ! cancelled anyone")
    alice = story.contact()
    story.happens("order.placed", alice, "order:1")
    story.run()
    story.happens("order.cancelled", alice, "order:1")
    story.happens("order.placed", alice, "order:2")
    story.run()
    assert (entered(), Enrollment.objects.inside().count()) == (2, 1)


def test_others_are_not_held_up_by_who_is_inside(story):
    published(story, "after_leaving")
    for name in ("alice", "bob"):
        story.happens("order.placed", story.contact(name))
        story.run()
    assert entered() == 2


def test_not_sooner_than_so_many_calendar_days_after_the_last_time(story):
    """Summer time begins in between: the hour of the day counts, not the number of hours."""
    paris = ZoneInfo("Europe/Paris")
    published(story, {"not_sooner_than_days": 30}, "placed > send thanks")
    alice = story.contact(time_zone="Europe/Paris")
    story.now = datetime(2026, 3, 10, 12, tzinfo=paris) - timedelta(seconds=1)
    story.happens("order.placed", alice, "order:1")
    story.run()
    story.now = datetime(2026, 4, 9, 11, 59, tzinfo=paris)
    story.happens("order.placed", alice, "order:2")
    story.run()
    assert entered() == 1
    story.now = datetime(2026, 4, 9, 12, 0, tzinfo=paris)
    story.happens("order.placed", alice, "order:3")
    story.happens("order.placed", alice, "order:4")
    story.run()
    assert sorted(Enrollment.objects.values_list("subject", flat=True)) == ["order:1", "order:3"]


@pytest.mark.parametrize(
    "reentry", ["once", "once_per_subject", "every_time", "after_leaving", {"not_sooner_than_days": 2}]
)
def test_two_who_decide_alike_let_the_contact_in_once(story, reentry):
    """No lock is relied on: the database refuses the second."""
    published(story, reentry)
    event = story.happens("order.placed", story.contact())
    plans = [enrolling._planned([event], {event.contact_id: ZoneInfo("UTC")}, story.now) for _twice in range(2)]
    for plan in plans:
        enrolling._apply(plan, story.now)
    assert [len(plan.entries) for plan in plans] == [1, 1]
    assert entered() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reentry", ["after_leaving", {"not_sooner_than_days": 2}])
def test_a_crowd_of_runners_and_events_lets_each_contact_in_once(story, reentry):
    published(story, reentry)
    people = [story.contact(f"person{number}") for number in range(6)]
    for number in range(4):
        for person in people:
            story.happens("order.placed", person, f"order:{number}")

    def work() -> None:
        for _round in range(100):
            if Event.objects.filter(matched_at=None).exists():
                enrolling.match_events(story.now)

    with clock.moved(story.now):
        without_errors(at_the_same_time(work, work, work))
    assert sorted(Enrollment.objects.values_list("contact_id", flat=True)) == sorted(one.pk for one in people)
