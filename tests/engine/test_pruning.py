"""Old history goes; nothing of who is inside, nothing that keeps anybody from coming in twice."""

from __future__ import annotations

import json
import uuid

from datetime import timedelta

import pytest

from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.engine.test_starting import published
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.manual_starts import begin, prepare
from wagtail_flows.engine.models import Enrollment, RefusedEntry, SeenMember, SegmentSweep, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock, pruning
from wagtail_flows.lib.models import PruningWalk
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.models import Delivery
from wagtail_flows.segments.models import Segment
from wagtail_flows.shop.models import ReceivedWebhook, Shop
from wagtail_flows.tasks import tick


pytestmark = pytest.mark.django_db(transaction=True)

LONG = timedelta(days=400)


@pytest.fixture
def policy(settings):
    settings.FLOWS_KEEP_VISITS_DAYS = settings.FLOWS_KEEP_DELIVERIES_DAYS = 365
    settings.FLOWS_KEEP_WEBHOOKS_DAYS = settings.FLOWS_KEEP_REFUSED_ENTRIES_DAYS = 365
    return settings


@pytest.fixture
def past(story):
    """Alice's passage is over for long, Bob waits in the middle of his; both were sent an e-mail."""
    story.publish("placed > send thanks > wait 1d > exit")
    story.happens("order.placed", story.contact("alice"), "order:alice")
    story.run()
    deliver(story.now)
    story.later(days=2)
    story.publish("placed once > send thanks > wait 900d > send more")
    story.happens("order.placed", story.contact("bob"), "order:bob")
    story.run()
    deliver(story.now)
    story.later(days=3)
    story.now += LONG
    return story


def prune(story):
    with clock.moved(story.now):
        call_command("flows_prune")


def of(name):
    """Everything of one contact, as it stands in the database."""
    rows = [
        *Enrollment.objects.filter(contact__address__startswith=name, status="active"),
        *Visit.objects.filter(enrollment__contact__address__startswith=name, enrollment__status="active"),
        *Delivery.objects.filter(contact__address__startswith=name, visit__enrollment__status="active"),
        *Event.objects.filter(contact__address__startswith=name),
    ]
    return json.loads(serializers.serialize("json", rows))


def test_nothing_is_pruned_where_nothing_is_told(past):
    before = Visit.objects.count(), Delivery.objects.count(), Event.objects.count()
    prune(past)
    assert (Visit.objects.count(), Delivery.objects.count(), Event.objects.count()) == before


def test_who_is_inside_keeps_everything(past, policy):
    before = of("bob")
    assert len(before) >= 4
    policy.FLOWS_KEEP_EVENTS_DAYS = {"order.placed": 1}
    prune(past)
    assert of("bob") == before
    past.later(days=600)
    assert Delivery.objects.filter(contact__address="bob@example.org").count() == 2


def test_who_has_left_long_ago_keeps_the_row_and_nothing_more(past, policy):
    Enrollment.objects.update(data={"cart": 1})
    prune(past)
    alice = Enrollment.objects.get(contact__address="alice@example.org", status="ended")
    assert (alice.entry_key, alice.data, alice.visits.count()) == ("order:alice", {}, 0)
    assert not Delivery.objects.filter(contact=alice.contact).exists()


def test_who_was_in_once_does_not_come_in_again(past, policy):
    prune(past)
    count = Enrollment.objects.count()
    for name in ("alice", "bob"):
        past.happens("order.placed", past.contact(name), f"order:{name}")
    past.run()
    # Alice never was in the second scenario.
    assert Enrollment.objects.count() == count + 1


def test_what_is_younger_than_the_policy_stays(past, policy):
    policy.FLOWS_KEEP_VISITS_DAYS = policy.FLOWS_KEEP_DELIVERIES_DAYS = 500
    before = Visit.objects.count(), Delivery.objects.count()
    prune(past)
    assert (Visit.objects.count(), Delivery.objects.count()) == before


def test_a_doubtful_delivery_stays_with_the_visit_that_it_came_from(past, policy):
    Delivery.objects.filter(contact__address="alice@example.org").update(status="uncertain")
    prune(past)
    kept = Delivery.objects.get(contact__address="alice@example.org")
    assert kept.visit.enrollment.scenario.name == "Story"


@pytest.mark.parametrize("kind", ["goal", "random_split"])
def test_what_is_asked_for_ever_stays(past, policy, kind):
    Visit.objects.filter(kind="exit").update(kind=kind)
    prune(past)
    assert Visit.objects.filter(kind=kind, enrollment__status="ended").exists()


def test_events_go_by_kind_when_they_are_matched(past, policy):
    alice = past.contact("alice")
    old = past.now - LONG
    for number, matched_at in enumerate((old, None)):
        Event.objects.create(
            kind="page.viewed",
            source="test",
            dedupe_key=f"{number}",
            contact=alice,
            occurred_at=old,
            recorded_at=old,
            matched_at=matched_at,
        )
    policy.FLOWS_KEEP_EVENTS_DAYS = {"page.viewed": 100, "cart.updated": 10}
    prune(past)
    assert [event.dedupe_key for event in Event.objects.filter(kind="page.viewed")] == ["1"]
    assert Event.objects.filter(kind="order.placed").count() == 2


def test_webhooks_and_refused_entries_go_and_what_waits_stays(past, policy):
    shop = Shop.objects.create(name="Atelier", url="https://shop.example/")
    old = past.now - LONG
    for status in ("applied", "received", "failed"):
        ReceivedWebhook.objects.create(shop=shop, digest=uuid.uuid4().hex, size=1, status=status, received_at=old)
    inside = Enrollment.objects.inside().get()
    for number, at in enumerate((old, past.now)):
        RefusedEntry.objects.create(
            scenario=inside.scenario, contact=inside.contact, entry_key=f"{number}", reason="x", refused_at=at
        )
    prune(past)
    assert [one.status for one in ReceivedWebhook.objects.all()] == ["received"]
    assert [one.entry_key for one in RefusedEntry.objects.all()] == ["1"]


def test_starts_by_hand_go_once_they_are_done_or_were_never_confirmed(past, policy):
    old = past.now - LONG
    values = {"contacts": [1], "prepared_at": old}
    done = {"finished_at": old}
    moments = {"forgotten": {}, "done": done, "going on": {}, "done lately": {"finished_at": past.now}}
    for key, finished in moments.items():
        begun_at = None if key == "forgotten" else old
        ManualStart.objects.create(key=key, begun_at=begun_at, **values, **finished)
    ManualStart.objects.create(key="prepared", prepared_at=past.now)
    prune(past)
    assert {one.key for one in ManualStart.objects.all()} == {"going on", "done lately", "prepared"}


def test_who_was_started_by_hand_does_not_come_in_again_by_the_same_press(story, policy):
    made = published(story, "exit")
    alice = story.contact()
    for _time in range(2):
        with clock.moved(story.now):
            assert begin(prepare(key="a" * 32, contact_ids=[alice.pk]), made)
        story.run()
        story.now += LONG
        prune(story)
        assert not ManualStart.objects.exists()
    assert Enrollment.objects.count() == 1


def test_who_was_seen_in_a_segment_is_forgotten_when_nobody_listens(story):
    segment = Segment.objects.create(name="Regulars", kind="static")
    trigger = {"id": "t1", "kind": "segment_entered", "segment": str(segment.public_id), "reentry": "once"}
    graph = {"triggers": [trigger], "exits": [], "start": "x", "steps": [{"id": "x", "kind": "exit", "reason": "done"}]}
    listening = story.publish_graph(graph)
    sweep = SegmentSweep.objects.create(
        scenario=listening,
        segment=segment,
        since=listening.current_version.starts_with_events_after,
        swept_at=story.now,
    )
    SeenMember.objects.create(sweep=sweep, contact=story.contact())
    prune(story)
    assert SeenMember.objects.exists()
    listening.unpublish()
    prune(story)
    sweep.refresh_from_db()
    assert not SeenMember.objects.exists()
    # Should it listen again, it remembers anew who is in.
    assert sweep.swept_at is None


def test_runners_prune_once_a_day_a_little_at_a_time(past, policy, monkeypatch):
    monkeypatch.setattr(pruning, "PORTION", 2)
    with clock.moved(past.now):
        assert tick(until_idle=True).done["pruned"] >= 3
        Visit.objects.update(left_at=past.now - LONG)
        assert tick(until_idle=True).done["pruned"] == 0
    with clock.moved(past.now + timedelta(days=1, hours=1)):
        tick(until_idle=True)
    assert {walk.last_id for walk in PruningWalk.objects.all()} == {0}


def test_of_two_runners_one_prunes_a_portion(past, policy):
    prunable = next(one for one in pruning.all_prunables() if one.name == "visits")
    PruningWalk.objects.create(name="visits")
    raced = []

    def race():
        if not raced:
            raced.append(True)
            PruningWalk.objects.update(last_id=0, began_at=past.now)
        return Visit.objects.all()

    racing = pruning.Prunable("visits", prunable.days, race, prunable.moment, prunable.prune)
    assert pruning._portion(racing, past.now, past.now) is None
    assert Visit.objects.count() > 0


def test_a_day_on_which_nothing_is_due_costs_a_question_each(past):
    with clock.moved(past.now):
        pruning.prune_some(past.now)
        with CaptureQueriesContext(connection) as queries:
            pruning.prune_some(past.now)
    assert len(queries) <= 4
