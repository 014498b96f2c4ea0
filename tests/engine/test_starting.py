"""Started by hand or by a program: whom, how often, and never twice with the same key."""

from __future__ import annotations

import pytest

from tests.drawing import scenario
from tests.together import at_the_same_time, without_errors
from wagtail_flows.engine.models import Enrollment, RefusedEntry
from wagtail_flows.engine.starting import NotStartable, start
from wagtail_flows.lib import clock
from wagtail_flows.segments.membership import members
from wagtail_flows.segments.models import Segment


pytestmark = pytest.mark.django_db

FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}


def published(story, path="wait 1d > send thanks", audience=None, **fields):
    graph = {**scenario(f"placed > {path}"), "triggers": [{"id": "by-hand", "kind": "manual", **fields}]}
    return story.publish_graph({**graph, "audience": audience} if audience else graph)


def started(story, made, people, key="today", **more) -> int:
    with clock.moved(story.now):
        return start(made, [one.pk for one in people], key, **more)


def test_chosen_contacts_come_in(story):
    made = published(story)
    alice, _bob = story.contact("alice"), story.contact("bob")
    assert started(story, made, [alice], data={"note": "hello"}) == 1
    one = Enrollment.objects.get()
    assert (one.contact, one.trigger_id, one.entry_key) == (alice, "by-hand", "manual:today")
    assert (one.subject, one.data, one.due_at) == ("", {"note": "hello"}, story.now)


def test_a_whole_segment_comes_in_a_batch_at_a_time(story, settings):
    settings.FLOWS_BATCH_SIZE = 2
    made = published(story)
    for number in range(5):
        story.contact(f"person{number}", locale="fr")
    story.contact("bob", locale="en")
    segment = Segment.objects.create(name="French", rule=FRENCH)
    assert started(story, made, members(segment)) == 5


def test_the_same_key_starts_nobody_twice_and_another_key_after_leaving(story):
    made = published(story)
    alice = story.contact()
    assert [started(story, made, [alice]), started(story, made, [alice])] == [1, 0]
    assert started(story, made, [alice], "tomorrow") == 0, "inside"
    story.run()
    story.later(days=2)
    assert [started(story, made, [alice]), started(story, made, [alice], "tomorrow")] == [0, 1]


def test_how_often_the_trigger_lets_in_and_who_left_for_ever(story):
    once = published(story, "send thanks", reentry="once")
    never = published(story, "exit bought never")
    alice = story.contact()
    for key, entered in (("a", 1), ("b", 0)):
        assert started(story, once, [alice], key) == entered
        assert started(story, never, [alice], key) == entered
        story.run()


def test_strangers_come_in_beside_who_was_here_before(story):
    made = published(story, reentry="after_leaving")
    alice, bob, carol = (story.contact(name) for name in ("alice", "bob", "carol"))
    started(story, made, [bob])
    story.later(days=2)
    started(story, made, [alice])
    left, inside = Enrollment.objects.order_by("pk")
    assert left.status == "ended"
    assert started(story, made, [alice, bob, carol], "tomorrow") == 2
    new = Enrollment.objects.order_by("contact_id").filter(pk__gt=inside.pk)
    assert [(one.contact, one.entry_key) for one in new] == [(bob, f"after:{left.pk}"), (carol, "after:0")]


def test_who_is_not_in_the_audience_is_not_started(story):
    made = published(story, audience={"rule": FRENCH})
    people = [story.contact("alice", locale="fr"), story.contact("bob", locale="en")]
    assert started(story, made, people) == 1
    assert RefusedEntry.objects.get().contact == people[1]


def test_who_could_not_come_in_anyway_is_not_noted_as_turned_away(story):
    made = published(story, "exit bought never", audience={"rule": FRENCH})
    alice = story.contact(locale="fr")
    assert started(story, made, [alice]) == 1
    story.run()
    story.contact(locale="en")
    assert started(story, made, [alice], "tomorrow") == 0
    assert not RefusedEntry.objects.exists()


def test_a_scenario_without_a_manual_trigger_or_unpublished_is_refused(story):
    with pytest.raises(NotStartable):
        started(story, story.publish("placed > send thanks"), [story.contact()])
    made = published(story)
    made.unpublish()
    with pytest.raises(NotStartable):
        started(story, made, [story.contact()])


@pytest.mark.parametrize("key", ["", "x" * 101])
def test_a_key_that_cannot_be_kept_is_refused(story, key):
    with pytest.raises(ValueError, match="characters"):
        started(story, published(story), [story.contact()], key)


def test_contacts_that_are_gone_are_left_out(story):
    made = published(story)
    with clock.moved(story.now):
        assert start(made, [story.contact().pk, 999_999], "today") == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_start_the_same_at_the_same_time_start_each_once(story):
    made = published(story, reentry="after_leaving")
    people = [story.contact(f"person{number}") for number in range(8)]
    ids = [one.pk for one in people]
    with clock.moved(story.now):
        counts = without_errors(
            at_the_same_time(lambda: start(made, ids, "a"), lambda: start(made, list(reversed(ids)), "b"))
        )
    assert sum(counts) == Enrollment.objects.count() == 8
