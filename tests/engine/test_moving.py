"""What becomes of people inside when a scenario is published again: they stay, are moved, or leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.drawing import key, scenario
from tests.engine.conftest import Story
from tests.engine.deadlines import SoonOver
from tests.together import at_the_same_time, without_errors
from wagtail_flows.engine import advancing, carrying_out, enrolling, gates, moving
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock
from wagtail_flows.messages import next_one
from wagtail_flows.messages.gates import Hold, Skip
from wagtail_flows.messages.leasing import lease
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Publication, Scenario
from wagtail_flows.scenarios.pausing import pause, resume
from wagtail_flows.scenarios.publishing import ScenarioNotPublishable


pytestmark = pytest.mark.django_db

WAITING = "delivered > wait 10d > send thanks"


def publish_again(story: Story, drawing: str, **plan: Any) -> Scenario:
    made = Scenario.objects.get()
    with clock.moved(story.now):
        made.graph, made.plan = scenario(drawing), plan
        made.save_revision().publish()
    story.now += timedelta(seconds=1)
    return Scenario.objects.get()


def carry_out(story: Story) -> int:
    with clock.moved(story.now):
        return carrying_out.carry_out(story.now)


def bring_in(story: Story, drawing: str = WAITING, people: int = 1) -> list[Enrollment]:
    story.publish(drawing)
    for number in range(people):
        story.happens("order.delivered", story.contact(f"person{number}"))
    story.run()
    return list(Enrollment.objects.order_by("pk"))


def numbers() -> list[int]:
    return list(Enrollment.objects.order_by("pk").values_list("version__number", flat=True))


def test_people_stay_in_their_version_where_the_plan_says_nothing(story):
    bring_in(story)
    publish_again(story, "delivered > wait 1d > send more")
    assert not Publication.objects.exists()
    story.later(days=2)
    assert (numbers(), Delivery.objects.count()) == ([1], 0)
    story.later(days=9)
    assert Delivery.objects.count() == 1


def test_who_waits_at_the_same_step_goes_on_waiting_in_the_new_version(story):
    [before] = bring_in(story)
    publish_again(story, "delivered > wait 10d > send more", inside="move")
    assert carry_out(story) == 1
    after = Enrollment.objects.get()
    assert (after.version.number, after.step, after.due_at) == (2, "wait-1", before.due_at)
    assert (after.kept_until, after.visit_count) == (None, before.visit_count)
    story.later(days=10)
    assert Delivery.objects.get().message_key == _key("more")


def test_who_waits_keeps_the_moment_though_the_step_now_says_another(story):
    [before] = bring_in(story)
    publish_again(story, "delivered > wait 1d late 2h > send more", inside="move")
    carry_out(story)
    story.later(days=5)
    after = Enrollment.objects.get()
    assert (after.version.number, after.due_at, after.kept_until) == (2, before.due_at, before.due_at)
    assert not Delivery.objects.exists()
    story.later(days=5)
    assert Delivery.objects.get().message_key == _key("more")
    assert Enrollment.objects.get().kept_until is None


def test_a_moment_is_computed_anew_where_the_plan_says_so(story):
    [before] = bring_in(story)
    publish_again(story, "delivered > wait 3d > send more", inside="move", recompute=["wait-1"])
    carry_out(story)
    story.run()
    after = Enrollment.objects.get()
    assert after.due_at == before.step_entered_at + timedelta(days=3)
    story.later(days=3)
    assert Delivery.objects.count() == 1


def test_who_is_moved_to_an_e_mail_gets_it_when_they_were_to_go_on(story):
    [before] = bring_in(story)
    publish_again(story, "delivered > send more", inside="move", map={"wait-1": "send-1"})
    carry_out(story)
    story.later(days=5)
    assert Enrollment.objects.get().due_at == before.due_at
    assert not Delivery.objects.exists()
    story.later(days=5)
    assert Delivery.objects.get().message_key == _key("more")


def test_who_is_moved_to_an_e_mail_gets_it_at_once_where_the_plan_says_so(story):
    bring_in(story)
    publish_again(story, "delivered > send more", inside="move", map={"wait-1": "send-1"}, recompute=["send-1"])
    carry_out(story)
    story.run()
    assert Delivery.objects.get().message_key == _key("more")


def test_a_step_that_is_gone_must_lead_somewhere(story):
    bring_in(story, people=2)
    with pytest.raises(ScenarioNotPublishable) as caught:
        publish_again(story, "delivered > send more", inside="move")
    [problem] = caught.value.problems
    assert (problem.field, problem.code) == ("plan.map.wait-1", "not_mapped")
    assert "2 people" in problem.text
    assert numbers() == [1, 1]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"map": {"wait-1": "send-9"}}, "plan.map.wait-1"),
        ({"map": {"wait-1": 7}}, "plan.map.wait-1"),
        ({"map": {"": "send-1"}}, "plan.map."),
        ({"map": []}, "plan.map"),
        ({"recompute": ["wait-9"]}, "plan.recompute.0"),
        ({"recompute": [{}]}, "plan.recompute.0"),
        ({"recompute": "wait-1"}, "plan.recompute"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_where_it_is_wrong(story, plan, field):
    bring_in(story)
    with pytest.raises(ScenarioNotPublishable) as caught:
        publish_again(story, "delivered > wait 1d > send more", inside="move", **plan)
    assert field in [problem.field for problem in caught.value.problems]


def test_who_stands_at_a_step_without_a_place_stays_in_their_version(story):
    """Somebody got there while it was published."""
    bring_in(story)
    publish_again(story, "delivered > send more", inside="move", map={"wait-1": "send-1"})
    Enrollment.objects.update(step="exit-7")
    assert carry_out(story) == 0
    assert numbers() == [1]
    story.later(minutes=3)
    carry_out(story)
    assert not Publication.objects.exists()


@pytest.mark.parametrize(
    "plan", [{"inside": "leave"}, {"inside": "move", "map": {"send-1": "send-1", "wait-1": "send-1"}}]
)
def test_a_publication_between_two_mails_of_a_batch_holds_the_second(story, plan):
    bring_in(story, "delivered > send thanks > wait 10d > send more", people=2)
    Delivery.objects.update(stream="commercial", basis="existing_customer", status="queued")
    with clock.moved(story.now):
        taken = lease("email", "commercial", story.now)
        first, second = taken.deliveries
        begun = [next_one.go_on(None, first, taken.token, story.now, subject="", revision_id=None).is_begun]
        publish_again(story, "delivered > send more", **plan)
        begun.append(next_one.go_on(None, second, taken.token, story.now, subject="", revision_id=None).is_begun)
    assert begun == [True, False]


def test_people_leave_and_what_they_had_queued_with_them(story):
    bring_in(story, "delivered > send thanks > wait 10d > send more ! cancelled", people=3)
    publish_again(story, "delivered > send more", inside="leave")
    deliveries = list(Delivery.objects.all())
    with clock.moved(story.now):
        held = gates.left_or_paused(deliveries)
    assert {type(verdict) for verdict in held.values()} == {Hold}, "not decided yet, so it doesn't leave either"
    assert carry_out(story) == 3
    assert {one.exit_reason for one in Enrollment.objects.all()} == {"left_by_publishing"}
    assert set(gates.left_or_paused(deliveries).values()) == {Skip(gates.LEFT_SCENARIO)}
    last = Visit.objects.latest("pk")
    assert (last.outcome, last.seen, last.number) == ("left", {"kind": "left_by_publishing"}, 2)
    story.later(days=20)
    assert Delivery.objects.count() == 3


def test_null_in_the_map_lets_people_leave(story):
    bring_in(story)
    publish_again(story, "delivered > send more", inside="move", map={"wait-1": None})
    assert carry_out(story) == 1
    assert Enrollment.objects.get().exit_reason == "left_by_publishing"


def test_nobody_goes_on_by_a_version_that_is_being_left(story):
    bring_in(story, "delivered > wait 1h > send thanks", people=2)
    publish_again(story, "delivered > wait 1h > send more", inside="move")
    story.later(hours=2)
    assert advancing.next_due(story.now) is None
    assert not Delivery.objects.exists()
    carry_out(story)
    story.run()
    assert {one.message_key for one in Delivery.objects.all()} == {_key("more")}


def test_the_history_and_its_numbers_stay(story):
    bring_in(story, "delivered > send thanks > wait 1d > send more")
    before = list(Visit.objects.values())
    publish_again(story, "delivered > wait 5d > send news", inside="move", map={"wait-1": "send-1"})
    carry_out(story)
    assert list(Visit.objects.values()) == before
    story.later(days=1)
    assert list(Visit.objects.order_by("number").values_list("number", "step")) == [
        (1, "send-1"),
        (2, "send-1"),
        (3, "exit-1"),
    ]


def test_an_event_that_was_waited_for_is_waited_for_by_the_new_step(story):
    bring_in(story, "delivered > await paid 2d > send thanks")
    publish_again(story, "delivered > await cancelled 5d > send more", inside="move")
    carry_out(story)
    story.run()
    alice = Enrollment.objects.get().contact
    story.happens("order.paid", alice)
    story.run()
    assert not Delivery.objects.exists()
    story.happens("order.cancelled", alice)
    story.run()
    assert Delivery.objects.get().message_key == _key("more")


def test_the_time_out_of_an_awaited_event_is_kept(story):
    [before] = bring_in(story, "delivered > await paid 2d > send thanks")
    publish_again(story, "delivered > await cancelled 5d > send more", inside="move")
    carry_out(story)
    story.run()
    after = Enrollment.objects.get()
    assert (after.due_at, after.waits_for_kind) == (before.due_at, "order.cancelled")
    story.later(days=2)
    assert Delivery.objects.count() == 1


def test_who_waits_for_an_event_and_is_moved_elsewhere_waits_for_it_no_more(story):
    [before] = bring_in(story, "delivered > await paid 2d > send thanks")
    publish_again(story, "delivered > wait 9d > send more", inside="move", map={"await-1": "wait-1"})
    carry_out(story)
    story.run()
    alice = Enrollment.objects.get().contact
    story.happens("order.paid", alice)
    story.run()
    after = Enrollment.objects.get()
    assert (after.step, after.due_at, after.waits_for_kind) == ("wait-1", before.due_at, "")


def test_an_event_that_has_woken_somebody_just_before_counts_in_the_new_version(story):
    bring_in(story, "delivered > await paid 2d > send thanks")
    story.happens("order.paid", Enrollment.objects.get().contact)
    with clock.moved(story.now):
        enrolling.match_events(story.now)
    assert Enrollment.objects.get().woken_by_id
    publish_again(story, "delivered > await paid 9d > send more", inside="move")
    carry_out(story)
    story.run()
    assert Delivery.objects.get().message_key == _key("more")


def test_what_was_awaited_before_wakes_nobody_who_is_moved_and_not_looked_at_yet(story):
    bring_in(story, "delivered > await paid 2d > send thanks")
    publish_again(story, "delivered > await shipped 9d > send more", inside="move")
    carry_out(story)
    story.happens("order.paid", Enrollment.objects.get().contact)
    story.run()
    one = Enrollment.objects.get()
    assert (one.step, one.waits_for_kind) == ("await-1", "order.shipped")


def test_who_is_parked_is_moved_and_stays_parked(story):
    bring_in(story)
    Enrollment.objects.update(status="parked", due_at=None, error="It broke.", attempts=6)
    publish_again(story, "delivered > wait 1d > send more", inside="move")
    carry_out(story)
    one = Enrollment.objects.get()
    assert (one.version.number, one.status, one.due_at, one.error) == (2, "parked", None, "It broke.")


def test_a_pause_meanwhile_stops_nobody_from_being_moved_and_sends_nothing(story):
    bring_in(story, "delivered > wait 1h > send thanks")
    made = publish_again(story, "delivered > wait 1h > send more", inside="move")
    pause(made)
    story.later(hours=3)
    carry_out(story)
    story.run()
    assert (numbers(), Delivery.objects.count()) == ([2], 0)
    with clock.moved(story.now):
        resume(made)
    story.later(hours=2)
    assert Delivery.objects.count() == 1


def test_who_is_moved_before_their_turn_after_a_pause_is_as_late_as_they_were(story):
    before = bring_in(story, "delivered > wait 1d > send thanks", people=40)
    made = Scenario.objects.get()
    pause(made)
    story.now += timedelta(days=3)
    with clock.moved(story.now):
        resume(made, timedelta(hours=1))
    turns = list(Enrollment.objects.order_by("pk").values_list("due_at", flat=True))
    publish_again(story, "delivered > wait 1d late 2h > send more", inside="move")
    carry_out(story)
    moved = Enrollment.objects.order_by("pk")
    assert {one.kept_until for one in moved} == {one.due_at for one in before}, "what was promised to them"
    assert [one.due_at for one in moved] == turns, "nor do all go on at once"
    story.later(hours=1)
    assert set(Enrollment.objects.values_list("exit_reason", flat=True)) == {"too_late"}
    assert not Delivery.objects.exists()


def test_moving_goes_on_to_its_end_however_long_ago_it_was_published(story, settings):
    settings.FLOWS_BATCH_SIZE = 2
    bring_in(story, people=5)
    publish_again(story, "delivered > wait 2d > send more", inside="move")
    story.now += timedelta(hours=1)
    with clock.moved(story.now):
        assert carrying_out.carry_out(story.now, until=SoonOver()) == 2
    assert carry_out(story) == 3
    assert numbers() == [2] * 5
    assert not Publication.objects.exists()


def test_publishing_again_while_people_are_moved_takes_one_after_the_other(story, settings):
    settings.FLOWS_BATCH_SIZE = 2
    bring_in(story, people=5)
    publish_again(story, "delivered > wait 2d > send more", inside="move")
    with clock.moved(story.now):
        assert moving.move_people(Publication.objects.get(), story.now, until=0) == 2
    assert sorted(numbers()) == [1, 1, 1, 2, 2]
    publish_again(story, "delivered > send news", inside="move", map={"wait-1": "send-1"})
    carry_out(story)
    carry_out(story)
    assert numbers() == [3] * 5


def test_a_second_publishing_that_lets_people_stay_ends_no_move(story):
    bring_in(story)
    publish_again(story, "delivered > wait 2d > send more", inside="move")
    publish_again(story, "delivered > wait 3d > send news")
    carry_out(story)
    assert numbers() == [2]


def test_an_unchanged_graph_may_be_published_to_move_those_who_stayed(story):
    bring_in(story)
    publish_again(story, "delivered > wait 2d > send more")
    made = publish_again(story, "delivered > wait 2d > send more", inside="move")
    assert (made.current_version.number, carry_out(story), numbers()) == (2, 1, [2])


def test_a_plan_is_obeyed_once(story):
    bring_in(story)
    made = publish_again(story, "delivered > wait 2d > send more", inside="leave")
    assert made.plan == made.get_latest_revision_as_object().plan == {}
    made.name = "Another name"
    made.save_revision().publish()
    assert Publication.objects.count() == 1


def test_two_publications_of_the_same_moment_move_everybody_once(story, settings):
    settings.FLOWS_BATCH_SIZE = 1
    bring_in(story, people=4)
    publish_again(story, "delivered > wait 2d > send more", inside="move")
    assert carry_out(story) == 4
    assert carry_out(story) == 0


def test_moving_costs_the_same_for_many(story, django_assert_num_queries):
    bring_in(story, people=12)
    publish_again(story, "delivered > wait 2d > send more", inside="move")
    # Publications; older versions, their steps, and graphs; is anybody there, a savepoint, contacts, people, one
    # statement, and is anybody there; versions and steps anew, and is anybody left.
    with clock.moved(story.now), django_assert_num_queries(14):
        assert carrying_out.carry_out(story.now) == 12


@pytest.mark.django_db(transaction=True)
def test_two_runners_move_everybody_exactly_once(story, settings):
    settings.FLOWS_BATCH_SIZE = 3
    bring_in(story, "delivered > wait 1h > send thanks", people=20)
    publish_again(story, "delivered > wait 1h > send more", inside="move", recompute=["wait-1"])
    story.now += timedelta(hours=2)

    def work() -> int:
        moved = sum(carrying_out.carry_out(story.now) for _turn in range(8))
        advancing.advance(story.now)
        return moved

    with clock.moved(story.now):
        outcomes = without_errors(at_the_same_time(work, work))
        carrying_out.carry_out(story.now)
    story.run()
    assert sum(outcomes) == 20
    assert numbers() == [2] * 20
    assert {one.message_key for one in Delivery.objects.all()} == {_key("more")}
    assert Delivery.objects.count() == 20


def _key(name: str) -> UUID:
    return UUID(key(name))
