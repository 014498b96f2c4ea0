"""Publishing with “also who matches now”: whom each trigger would have brought in already, by its own key, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from django.db import connection

from tests.drawing import key, scenario
from tests.engine.conftest import Story
from tests.engine.deadlines import SoonOver
from tests.engine.everything.crashes import dying_at
from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts.models import ContactProperty, MailingList, Property, Subscription
from wagtail_flows.engine import carrying_out, sweeping_dates, sweeping_segments
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.models import Publication, Scenario
from wagtail_flows.segments.models import Segment


pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}


def publish(story: Story, graph: dict[str, Any], **plan: Any) -> Scenario:
    made = Scenario.objects.first() or Scenario(name="Story", live=False)
    made.graph, made.plan = graph, {"start_with": "also_matching", **plan}
    with clock.moved(story.now):
        made.save()
        made.save_revision().publish()
    story.now += timedelta(seconds=1)
    return Scenario.objects.get()


def started_by(**trigger: Any) -> dict[str, Any]:
    return {**scenario("placed > wait 9d > send thanks"), "triggers": [{"id": "t1", **trigger}]}


def carry_out(story: Story) -> int:
    with clock.moved(story.now):
        return carrying_out.carry_out(story.now)


def keys() -> list[str]:
    return list(Enrollment.objects.order_by("pk").values_list("entry_key", flat=True))


def in_the_club(story: Story, club: MailingList, name: str, status: str = "subscribed") -> None:
    Subscription.objects.create(
        contact=story.contact(name), mailing_list=club, status=status, requested_at=story.now, confirmed_at=story.now
    )


@pytest.mark.parametrize("batch", [1, 500])
def test_events_of_the_past_come_in_by_their_own_keys(story, settings, batch):
    settings.FLOWS_BATCH_SIZE = batch
    alice, bob = story.contact("alice"), story.contact("bob")
    story.happens("order.placed", alice, "order:1")
    story.happens("order.placed", alice, "order:2")
    story.happens("order.placed", bob, "order:3")
    story.happens("order.paid", bob, "order:3")
    story.run()
    publish(story, scenario("placed > wait 9d > send thanks"))
    assert carry_out(story) == 3
    assert keys() == ["order:1", "order:2", "order:3"]
    first = Enrollment.objects.first()
    assert (first.contact, first.trigger_event.subject, first.due_at) == (alice, "order:1", story.now)
    story.run()
    assert Enrollment.objects.count() == 3


def test_what_was_called_off_since_does_not_come_in(story):
    alice = story.contact()
    story.happens("order.placed", alice, "order:1")
    story.happens("order.placed", alice, "order:2")
    story.happens("order.cancelled", alice, "order:1")
    publish(story, scenario("placed > wait 9d > send thanks ! cancelled"))
    carry_out(story)
    assert keys() == ["order:2"]


def test_a_filter_counts(story):
    story.happens("order.placed", story.contact(), "order:1", data={"total": "10"})
    story.happens("order.placed", story.contact(), "order:2", data={"total": "90"})
    graph = scenario("placed > wait 9d > send thanks")
    graph["triggers"][0]["where"] = [{"name": "total", "operator": "at_least", "value": "50"}]
    publish(story, graph)
    carry_out(story)
    assert keys() == ["order:2"]


def test_the_audience_counts(story):
    story.happens("order.placed", story.contact("alice", locale="fr"), "order:1")
    story.happens("order.placed", story.contact("bob", locale="en"), "order:2")
    publish(story, {**scenario("placed > wait 9d > send thanks"), "audience": {"rule": FRENCH}})
    assert carry_out(story) == 1
    assert keys() == ["order:1"]


@pytest.mark.parametrize("often", ["once", "once_per_subject", "every_time", "after_leaving"])
def test_an_event_that_has_brought_somebody_in_never_does_again(story, often):
    story.publish(f"placed {often} > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    assert Enrollment.objects.get().status == "ended"
    for number in range(3):
        publish(story, scenario(f"placed {often}, paid > send thanks > wait {number + 1}d"))
        carry_out(story)
        story.run()
    assert Enrollment.objects.count() == 1


def test_nor_where_nobody_listened_in_between(story):
    """Then the trigger looks at all of the past; of this rule the key alone wouldn't tell."""
    story.publish("placed after_leaving > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    Scenario.objects.get().unpublish()
    publish(story, scenario("placed after_leaving > send thanks > wait 1d"))
    assert carry_out(story) == 0
    assert Enrollment.objects.count() == 1


def test_an_event_that_waits_to_be_matched_comes_in_once(story):
    story.publish("placed every_time > wait 9d > send thanks")
    story.happens("order.placed", story.contact())
    publish(story, scenario("placed every_time > wait 8d > send thanks"))
    assert carry_out(story) == 0, "the trigger itself hears it"
    story.run()
    assert carry_out(story) == 0
    assert Enrollment.objects.count() == 1


@pytest.mark.parametrize("lists", [[], ["club"]])
def test_subscribers_come_in_once_for_each_list(story, club, lists):
    in_the_club(story, club, "alice")
    in_the_club(story, club, "bob", "pending")
    in_the_club(story, club, "carol", "unsubscribed")
    in_the_club(story, MailingList.objects.create(name="Other", public_name="Other"), "alice")
    publish(story, started_by(kind="list", lists=[key(name) for name in lists]))
    assert carry_out(story) == (1 if lists else 2)
    assert f"list:{key('club')}" in keys()
    assert Enrollment.objects.first().data == {"list": key("club")}


def test_a_subscriber_whose_subscription_was_heard_does_not_come_in_by_it_again(story, club):
    graph = started_by(kind="list", lists=[key("club")], reentry="every_time")
    story.publish_graph(graph)
    in_the_club(story, club, "alice")
    event = story.happens("list.subscribed", story.contact("alice"), f"list:{key('club')}", data={"list": key("club")})
    in_the_club(story, club, "bob")
    story.run()
    story.later(days=20)
    publish(story, {**graph, "triggers": [{**graph["triggers"][0], "lists": []}]})
    assert carry_out(story) == 1
    assert keys() == [f"event:{event.pk}", f"subscribed:{key('club')}"]


def test_members_of_a_segment_come_in_and_the_sweep_brings_them_no_more(story):
    segment = Segment.objects.create(name="French", rule=FRENCH)
    graph = started_by(kind="segment_entered", segment=str(segment.public_id), reentry="every_time")
    story.contact("alice", locale="fr")
    story.contact("bob", locale="en")
    publish(story, graph)
    with clock.moved(story.now):
        sweeping_segments.sweep(story.now)
    story.contact("carol", locale="fr")
    assert carry_out(story) == 2
    assert keys() == [f"segment:{segment.public_id}"] * 2
    story.later(days=20)
    with clock.moved(story.now):
        assert sweeping_segments.sweep(story.now) == 0
    publish(story, {**graph, "steps": scenario("placed > wait 8d > send thanks")["steps"]})
    assert carry_out(story) == 0


@pytest.mark.parametrize(("to", "expected"), [("gold", 1), (None, 2)])
def test_who_has_the_value_comes_in(story, to, expected):
    tier = Property.objects.create(name="tier", label="Tier", type="text")
    for name, value in [("alice", "gold"), ("bob", "silver")]:
        ContactProperty.objects.create(contact=story.contact(name), property=tier, text=value)
    publish(story, started_by(kind="property_changed", property="tier", **({"to": to} if to else {})))
    assert carry_out(story) == expected
    assert set(keys()) == {"property:tier"}
    story.later(days=20)
    publish(story, started_by(kind="property_changed", property="tier", reentry="once_per_subject"))
    assert carry_out(story) == 2 - expected


def test_whose_day_it_is_comes_in_and_the_sweep_brings_them_no_more(story):
    born = Property.objects.create(name="birthday", label="Birthday", type="date")
    for name, zone, day in [
        ("alice", "Europe/Paris", date(1990, 3, 2)),
        ("bob", "Europe/Paris", date(1990, 3, 3)),
        ("carol", "America/New_York", date(1990, 3, 2)),
    ]:
        ContactProperty.objects.create(contact=story.contact(name, time_zone=zone), property=born, date=day)
    # Noon in UTC: after nine in Paris, before it in New York.
    publish(story, started_by(kind="date", property="birthday", repeat="yearly"))
    assert carry_out(story) == 1
    with clock.moved(story.now):
        assert sweeping_dates.sweep(story.now) == 0
    with clock.moved(NOON + timedelta(hours=3)):
        assert sweeping_dates.sweep(clock.now()) == 1
    assert keys() == ["birthday:2026"] * 2


def test_by_hand_nobody_comes_in(story):
    story.contact()
    publish(story, started_by(kind="manual"))
    assert carry_out(story) == 0
    assert Publication.objects.get().intake == []


def test_a_crash_between_portions_lets_everybody_in_once(story, settings):
    settings.FLOWS_BATCH_SIZE = 1
    for number in range(9):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    publish(story, scenario("placed every_time > wait 9d > send thanks"))
    with clock.moved(story.now):
        assert dying_at(23, lambda: carrying_out.carry_out(story.now))
    assert Enrollment.objects.count() == 4
    assert carry_out(story) == 5
    assert Enrollment.objects.count() == 9


def test_bringing_in_goes_on_to_its_end_however_long_ago_it_was_published(story, settings):
    settings.FLOWS_BATCH_SIZE = 1
    for number in range(6):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    publish(story, scenario("placed > wait 9d > send thanks"))
    story.now += timedelta(hours=1)
    with clock.moved(story.now):
        assert carrying_out.carry_out(story.now, until=SoonOver()) == 4
    assert carry_out(story) == 2
    assert not Publication.objects.exists()


def test_publishing_again_meanwhile_goes_on_for_the_triggers_that_stay(story, settings):
    settings.FLOWS_BATCH_SIZE = 1
    for number in range(6):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    publish(story, scenario("placed, paid > wait 9d > send thanks"))
    with clock.moved(story.now):
        carrying_out._carry_out(Publication.objects.get(), story.now, until=0)
    assert Enrollment.objects.count() == 4
    publish(story, scenario("placed > wait 2d > send thanks"), start_with="future")
    assert carry_out(story) == 2
    assert Publication.objects.get().intake == []


def test_nobody_comes_in_where_it_was_unpublished_meanwhile(story):
    story.happens("order.placed", story.contact())
    publish(story, scenario("placed > wait 9d > send thanks")).unpublish()
    assert carry_out(story) == 0


@pytest.mark.parametrize("people", [3, 40])
def test_a_portion_costs_the_same_for_few_and_for_many(story, people, django_assert_max_num_queries):
    for number in range(people):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    publish(story, scenario("placed > wait 9d > send thanks ! cancelled"))
    # Publications; two portions: a savepoint, the row, who listens, the portion, its mark. Of the one with people:
    # contacts, exits, started by it before, keys used, barred, inside, those who come in, and their number in the hour:
    # one where there is a row, four where it is made. COPY on PostgreSQL takes three for those who come in: a savepoint
    # and its end, and the keys.
    with clock.moved(story.now), django_assert_max_num_queries(28 if connection.vendor == "postgresql" else 25):
        assert carrying_out.carry_out(story.now) == people


@pytest.mark.django_db(transaction=True)
def test_two_runners_let_everybody_in_once(story, settings):
    settings.FLOWS_BATCH_SIZE = 2
    for number in range(20):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    publish(story, scenario("placed every_time > wait 9d > send thanks"))
    with clock.moved(story.now):
        turns = at_the_same_time(*[lambda: sum(carrying_out.carry_out(story.now) for _turn in range(9))] * 2)
        rest = carrying_out.carry_out(story.now)
    assert sum(without_errors(turns)) + rest == 20
    assert Enrollment.objects.count() == 20
