"""A scenario is put away: nobody comes in, people inside finish or leave, and it can be taken out again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from django.core.management import call_command
from django.utils import timezone

from tests.drawing import scenario
from wagtail_flows.engine import carrying_out
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Message, Publication, Scenario
from wagtail_flows.scenarios.archiving import archive, restore
from wagtail_flows.scenarios.publishing import ScenarioNotPublishable
from wagtail_flows.scenarios.usage import scenarios_naming_message


pytestmark = pytest.mark.django_db


def put_away(story, made, *, lets_finish: bool) -> None:
    with clock.moved(story.now):
        assert archive(made, lets_finish=lets_finish)
        assert not archive(made, lets_finish=lets_finish)
        carrying_out.carry_out(story.now)


@pytest.fixture
def made(story) -> Scenario:
    made = story.publish("placed > wait 1h > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    return made


def test_people_inside_finish_and_nobody_comes_in(story, made):
    put_away(story, made, lets_finish=True)
    after = Scenario.objects.get()
    assert (after.live, after.archived_at, after.name) == (False, story.now, "Story")
    story.happens("order.placed", story.contact("bob"), "order:2")
    story.later(hours=2)
    assert (Enrollment.objects.count(), Delivery.objects.count()) == (1, 1)


def test_people_inside_leave(story, made):
    put_away(story, made, lets_finish=False)
    assert Enrollment.objects.get().exit_reason == "left_by_publishing"
    story.later(hours=2)
    assert not Delivery.objects.exists()


def test_what_is_archived_is_not_published_by_any_way_until_it_is_restored(story, made):
    made.graph = scenario("placed > wait 2h > send thanks")
    made.go_live_at = timezone.now() + timedelta(hours=1)
    made.save_revision().publish()
    put_away(story, Scenario.objects.get(), lets_finish=True)
    assert not Scenario.objects.get().approved_schedule
    call_command("publish_scheduled")
    archived = Scenario.objects.get()
    archived.go_live_at = None
    with pytest.raises(ScenarioNotPublishable, match="restore it first"):
        archived.save_revision().publish()
    assert restore(archived)
    assert not restore(archived)
    archived.save_revision().publish()
    assert Scenario.objects.get().live


def test_one_that_was_never_published_is_archived_too(story):
    made = Scenario.objects.create(name="Draft", graph={})
    put_away(story, made, lets_finish=False)
    assert not Publication.objects.exists()


def test_an_archived_one_needs_what_it_names_only_while_somebody_is_inside(story, made):
    message = Message.objects.get(name="Thanks")
    assert list(scenarios_naming_message(message)) == [made]
    put_away(story, made, lets_finish=True)
    assert list(scenarios_naming_message(message)) == [made]
    story.later(hours=2)
    assert list(scenarios_naming_message(message)) == []
    restore(made)
    assert list(scenarios_naming_message(message)) == [made]


def test_a_version_that_people_are_inside_needs_what_it_names(story, made):
    message = Message.objects.get(name="Thanks")
    made.graph = scenario("placed > wait 2h > send more")
    made.save()
    made.save_revision().publish()
    assert list(scenarios_naming_message(message)) == [made]
    story.later(hours=2)
    assert list(scenarios_naming_message(message)) == []
