"""Coming into a segment starts a scenario, once for each coming in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.drawing import scenario
from tests.together import at_the_same_time, without_errors
from wagtail_flows.engine import sweeping_segments
from wagtail_flows.engine.models import Enrollment, SeenMember
from wagtail_flows.lib import clock
from wagtail_flows.segments.models import Segment, SegmentMember


pytestmark = pytest.mark.django_db


@pytest.fixture
def regulars(db) -> Segment:
    return Segment.objects.create(name="Regulars", kind="static")


def published(story, segment: Segment, path: str = "wait 1d > send thanks", **fields):
    trigger = {"id": "t1", "kind": "segment_entered", "segment": str(segment.public_id), **fields}
    return story.publish_graph({**scenario(f"placed > {path}"), "triggers": [trigger]})


def join(story, segment: Segment, *people) -> None:
    for person in people:
        SegmentMember.objects.create(segment=segment, contact=person, added_at=story.now)


def sweep(story, **amount) -> int:
    story.now += timedelta(**amount or {"minutes": 5})
    with clock.moved(story.now):
        return sweeping_segments.sweep(story.now)


def test_who_comes_in_after_publishing_starts_and_who_was_in_before_does_not(story, regulars):
    made = published(story, regulars)
    alice, bob = story.contact("alice"), story.contact("bob")
    join(story, regulars, alice)
    assert sweep(story) == 0
    join(story, regulars, bob)
    assert sweep(story) == 1
    assert sweep(story) == 0
    one = Enrollment.objects.get()
    assert (one.contact, one.scenario, one.subject, one.entry_key) == (
        bob,
        made,
        f"segment:{regulars.public_id}",
        "once",
    )


def test_coming_back_after_having_left_is_coming_in_again(story, regulars):
    published(story, regulars, "send thanks", reentry="every_time")
    published(story, regulars, "send more", reentry="once")
    sweep(story)
    alice = story.contact()
    for _time in range(2):
        join(story, regulars, alice)
        sweep(story)
        story.run()
        SegmentMember.objects.all().delete()
        sweep(story)
    assert Enrollment.objects.count() == 3
    assert not SeenMember.objects.exists()


def test_it_is_looked_at_every_five_minutes(story, regulars):
    assert sweeping_segments.next_due(story.now) is None
    published(story, regulars)
    assert sweeping_segments.next_due(story.now) == story.now
    sweep(story)
    assert sweeping_segments.next_due(story.now) == story.now + timedelta(minutes=5)
    join(story, regulars, story.contact())
    assert sweep(story, minutes=4) == 0
    assert sweep(story, minutes=1) == 1


def test_publishing_again_after_unpublishing_begins_anew(story, regulars):
    made = published(story, regulars)
    sweep(story)
    made.unpublish()
    join(story, regulars, story.contact("alice"))
    story.now += timedelta(hours=1)
    with clock.moved(story.now):
        made.save_revision().publish()
    assert sweep(story) == 0
    join(story, regulars, story.contact("bob"))
    assert sweep(story) == 1
    assert Enrollment.objects.get().contact.address == "bob@example.org"


def test_a_segment_that_cannot_be_asked_for_a_while_lets_nobody_in_when_it_can_again(story):
    french = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}
    segment = Segment.objects.create(name="French", rule=french)
    published(story, segment)
    story.contact("alice", locale="fr")
    sweep(story)
    Segment.objects.update(rule={"match": "all", "rules": [{"field": "gone"}]})
    assert sweep(story) == 0
    Segment.objects.update(rule=french)
    assert sweep(story) == 0
    story.contact("bob", locale="fr")
    assert sweep(story) == 1


def test_batches_are_bounded_and_their_queries_do_not_follow_the_people(story, regulars, settings):
    published(story, regulars)
    sweep(story)
    counts = []
    for size in (3, 30):
        join(story, regulars, *(story.contact(f"person{size}-{number}") for number in range(size)))
        with CaptureQueriesContext(connection) as queries:
            assert sweep(story) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]
    settings.FLOWS_BATCH_SIZE = 2
    join(story, regulars, *(story.contact(f"more{number}") for number in range(5)))
    assert sweep(story) == 5


@pytest.mark.django_db(transaction=True)
def test_two_runners_let_each_in_once(story, regulars):
    published(story, regulars, reentry="every_time")
    sweep(story)
    join(story, regulars, *(story.contact(f"person{number}") for number in range(10)))
    story.now += timedelta(minutes=5)
    row = sweeping_segments.SegmentSweep.objects.get()
    listener, segment = next(sweeping_segments._listened())

    def work() -> int:
        return sweeping_segments._swept(listener, segment, row, story.now, None)

    assert sum(without_errors(at_the_same_time(work, work))) == 10
    assert Enrollment.objects.count() == 10
