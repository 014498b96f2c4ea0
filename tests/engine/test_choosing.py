"""Conditions and splits, asked for a whole batch at a time, with what was seen kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.drawing import choosing
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock
from wagtail_flows.segments import static
from wagtail_flows.segments.models import Segment


pytestmark = pytest.mark.django_db

FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}


def by_language(*branches):
    asked = [*branches, {"outlet": "fr", "rule": FRENCH}]
    ways = {branch["outlet"]: f"exit {branch['outlet']}" for branch in asked}
    return choosing("placed", {"kind": "condition", "branches": asked}, otherwise="exit other", **ways)


def reasons() -> dict[str, str]:
    return {one.contact.address.split("@")[0]: one.exit_reason for one in Enrollment.objects.select_related("contact")}


def test_each_takes_the_first_branch_that_holds_and_the_answers_are_kept(story):
    gold = Segment.objects.create(name="Gold", kind=Segment.Kind.STATIC)
    story.publish_graph(by_language({"outlet": "gold", "segment": str(gold.public_id)}))
    alice, bob, charlie = (
        story.contact("alice", locale="fr"),
        story.contact("bob", locale="fr"),
        story.contact("charlie"),
    )
    static.add_members(gold, [alice.pk])
    for number, person in enumerate((alice, bob, charlie)):
        story.happens("order.placed", person, f"order:{number}")
    story.run()
    assert reasons() == {"alice": "gold", "bob": "fr", "charlie": "other"}
    chosen = Visit.objects.get(step="choose", enrollment__contact=bob)
    assert (chosen.outlet, chosen.seen["answers"]) == ("fr", {"gold": False, "fr": True})


def test_a_question_that_can_no_longer_be_asked_holds_for_nobody(story):
    gold = Segment.objects.create(name="Gold", kind=Segment.Kind.STATIC)
    made = story.publish_graph(by_language({"outlet": "gold", "segment": str(gold.public_id)}))
    text = made.current_version.graph
    text["steps"][0]["branches"][1]["rule"]["rules"][0]["field"] = "gone"
    type(made.current_version).objects.filter(pk=made.current_version.pk).update(graph=text, graph_hash="broken")
    gold.delete()
    story.happens("order.placed", story.contact(locale="fr"))
    story.run()
    assert reasons() == {"alice": "other"}
    assert Visit.objects.get(step="choose").seen["answers"] == {"gold": None, "fr": None}


def test_the_queries_of_a_condition_do_not_follow_the_number_of_contacts(story):
    gold = Segment.objects.create(name="Gold", kind=Segment.Kind.STATIC)
    story.publish_graph(by_language({"outlet": "gold", "segment": str(gold.public_id)}))
    counts = []
    for people in (range(3), range(3, 40)):
        for number in people:
            story.happens(
                "order.placed", story.contact(f"p{number}", locale="fr" if number % 2 else ""), f"order:{number}"
            )
        counts.append(story.queries_of_advancing())
    assert sorted(set(reasons().values())) == ["fr", "other"]
    assert counts[0] == counts[1]


def test_a_random_split_is_sticky_across_enrollments_and_the_data_seen_is_kept(story):
    halves = [{"outlet": "a", "weight": 1}, {"outlet": "b", "weight": 1}]
    graph = choosing("placed", {"kind": "random_split", "branches": halves}, a="exit a", b="exit b")
    story.publish_graph(graph)
    alice = story.contact("alice")
    for number in range(6):
        story.happens("order.placed", alice, f"order:{number}")
    story.run()
    assert len(set(Enrollment.objects.values_list("exit_reason", flat=True))) == 1


def shared(a: int, b: int):
    branches = [{"outlet": "a", "weight": a}, {"outlet": "b", "weight": b}]
    return choosing("placed", {"kind": "random_split", "branches": branches}, a="exit a", b="exit b")


def come(story, people, occasion: str) -> dict[str, str]:
    """The way that each takes, coming in now."""
    for person in people:
        story.happens("order.placed", person, f"order:{occasion}:{person.pk}")
    story.run()
    passed = Visit.objects.filter(step="choose", enrollment__subject__startswith=f"order:{occasion}:")
    return dict(passed.values_list("enrollment__contact__address", "outlet"))


def publish_again(story, made, graph) -> None:
    with clock.moved(story.now):
        made.refresh_from_db()
        made.graph = graph
        made.save_revision().publish()
    story.now += timedelta(seconds=1)


def test_who_comes_back_to_a_random_split_goes_the_same_way_whatever_the_weights_are_now(story):
    made = story.publish_graph(shared(10, 90))
    people = [story.contact(f"p{number}") for number in range(30)]
    before = come(story, people, "first")
    assert set(before.values()) == {"a", "b"}
    publish_again(story, made, shared(90, 10))
    assert come(story, people, "again") == before
    new = come(story, [story.contact(f"new{number}") for number in range(30)], "new")
    assert list(new.values()).count("a") > 20
    last = Visit.objects.filter(step="choose", enrollment__contact=people[0]).latest("pk")
    assert last.seen["answers"] == {"taken": before[people[0].address]}


def test_who_took_a_branch_that_nobody_takes_any_more_goes_by_the_weights(story):
    made = story.publish_graph(shared(50, 50))
    people = [story.contact(f"p{number}") for number in range(12)]
    assert set(come(story, people, "first").values()) == {"a", "b"}
    publish_again(story, made, shared(0, 50))
    assert set(come(story, people, "again").values()) == {"b"}
    publish_again(story, made, shared(50, 50))
    assert set(come(story, people, "later").values()) == {"b"}


def test_the_queries_of_a_random_split_do_not_follow_the_number_of_contacts(story):
    story.publish_graph(shared(1, 1))
    counts = []
    for people in (range(6), range(6, 60)):
        for number in people:
            story.happens("order.placed", story.contact(f"p{number}"), f"order:{number}")
        counts.append(story.queries_of_advancing())
    assert set(reasons().values()) == {"a", "b"}
    assert counts[0] == counts[1]


def test_what_a_split_by_data_looked_at_is_kept_with_the_visit(story):
    big = [{"outlet": "big", "where": [{"name": "total", "operator": "at_least", "value": "100"}]}]
    story.publish_graph(choosing("placed", {"kind": "split_by_data", "branches": big}, big="exit", otherwise="exit"))
    story.happens("order.placed", story.contact(), data={"total": "120.50", "number": "21"})
    story.run()
    chosen = Visit.objects.get(step="choose")
    assert (chosen.outlet, chosen.seen["data"]) == ("big", {"total": "120.50"})
