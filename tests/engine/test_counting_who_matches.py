"""The numbers shown before publishing with “also who matches now”: people, each once, “up to”."""

from __future__ import annotations

import pytest

from tests.drawing import scenario
from wagtail_flows.engine.selecting import count_matching
from wagtail_flows.models import Scenario
from wagtail_flows.scenarios.graph import parse


pytestmark = pytest.mark.django_db
DRAWING = "placed > wait 9d > send thanks"


def counted(made: Scenario) -> list[int | None]:
    return [matching.count for matching in count_matching(made, parse(scenario(DRAWING)))]


def test_who_had_several_such_events_is_one_person(story):
    alice, bob = story.contact("alice"), story.contact("bob")
    for person, subject in ((alice, "order:1"), (alice, "order:2"), (bob, "order:3")):
        story.happens("order.placed", person, subject)
    story.happens("order.paid", story.contact("carol"), "order:4")
    made = Scenario(name="New", live=False)
    made.save()
    assert counted(made) == [2]


def test_an_event_that_brought_somebody_in_counts_no_more(story):
    made = story.publish(DRAWING)
    story.happens("order.placed", story.contact("alice"), "order:1")
    story.run()
    made.unpublish()
    story.happens("order.placed", story.contact("bob"), "order:2")
    assert counted(made) == [1]
