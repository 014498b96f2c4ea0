"""What must hold after everybody has worked, until nothing is left to do."""

from __future__ import annotations

from django.db.models import Q

from tests.engine.everything.handed_over import events_since, takes_out
from tests.engine.everything.journal import came_by_hand
from tests.engine.everything.world import World
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.answers import answer
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.versions import graphs
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Publication
from wagtail_flows.scenarios.outcomes import Wait, WaitForEvent
from wagtail_flows.scenarios.situation import Situation


def everything_is_done(world: World) -> None:
    nobody_is_left_behind(world)
    everybody_is_where_the_plans_wanted_them(world)
    everybody_waits_for_the_right_moment(world)
    nobody_was_turned_away_by_mistake(world)
    who_was_chosen_came_in(world)
    overtaking_is_impossible(world)


def nobody_is_left_behind(world: World) -> None:
    """Nothing that may move is due."""
    running = Enrollment.objects.running().filter(due_at__lte=world.now)
    assert not running.exists()
    assert not Event.objects.filter(matched_at=None).exists()
    held = Delivery.objects.filter(status="queued", due_at__lte=world.now, visit__enrollment__scenario__is_paused=False)
    assert not held.exists()
    assert not Delivery.objects.filter(status="sending").exists()
    assert not ManualStart.objects.filter(begun_at__isnull=False, finished_at=None).exists()


def everybody_is_where_the_plans_wanted_them(world: World) -> None:
    assert not [one for one in Publication.objects.all() if one.intake], "not everybody was brought in"
    for one in Enrollment.objects.inside().exclude(pk__in=world.journal.hurried).select_related("version"):
        way = world.journal.way(one)
        assert not way, f"stands at {one.version_id, one.step}, and should have gone on to {way}"


def everybody_waits_for_the_right_moment(world: World) -> None:
    """Asked again, each step that somebody waits at names the moment, and the event, written down."""
    for one in Enrollment.objects.active().filter(due_at__gt=world.now).select_related("contact", "trigger_event"):
        step = graphs([one.version_id])[one.version_id].step(one.step)
        asked = answer(step.questions(), [one.contact_id])[one.contact_id]
        outcome = step.decide(
            Situation(
                now=world.now,
                entered_at=one.entered_at,
                step_entered_at=one.step_entered_at,
                event=snapshot(one.trigger_event) if one.trigger_event else None,
                answers=asked,
                zone=zone_named(one.contact.time_zone),
                kept_until=one.kept_until,
            )
        )
        if one.kept_until is not None and one.kept_until > world.now:
            assert one.kept_until == one.due_at, (step.kind, one.kept_until, one.due_at)
        else:
            assert isinstance(outcome, Wait | WaitForEvent), outcome
            assert outcome.until == one.due_at, (step.kind, outcome.until, one.due_at)
        awaited = outcome.kind if isinstance(outcome, WaitForEvent) else ""
        assert one.waits_for_kind == awaited, "waits for another event, or none"


def nobody_was_turned_away_by_mistake(world: World) -> None:
    """Whoever a trigger has heard of came in, unless something stands against it: an order that was cancelled since, an
    earlier one who is inside or may not come back, an audience. Also whoever a trigger would have heard of before it
    was live, where that was asked for; what it heard in an earlier version was decided there.
    """
    for scenario in world.scenarios:
        scenario.refresh_from_db()
        version = scenario.current_version
        if not scenario.live or version is None or version.graph.get("audience") or version.graph["exits"]:
            continue
        ever = set(Enrollment.objects.filter(scenario=scenario).values_list("contact_id", flat=True))
        # Whoever leaves the list that a scenario writes to leaves the scenario, also before anybody looked.
        ever |= set(Event.objects.filter(kind="list.unsubscribed").values_list("contact_id", flat=True))
        also_earlier = version.pk in world.journal.also_matching
        for trigger in version.graph["triggers"]:
            if trigger["kind"] != "event":
                continue
            is_heard = Q(recorded_at__gt=version.starts_with_events_after)
            if also_earlier:
                is_heard |= Q(recorded_at__lte=version.listens_since(trigger["id"]))
            for event in Event.objects.filter(is_heard, kind=trigger["event"]).exclude(contact_id__in=ever):
                assert not trigger.get("where", {}).items() <= event.data.items(), "never came in"


def who_was_chosen_came_in(world: World) -> None:
    """Each of those who were started by hand, unless something stands against it; and they are counted."""
    for row in ManualStart.objects.exclude(finished_at=None).filter(problem="").select_related("scenario"):
        assert row.scenario is not None
        version = row.scenario.current_version
        # Also an audience of an earlier version: they may have been looked at before it was replaced.
        has_audience = any(one.graph.get("audience") for one in row.scenario.versions.all())
        if row.segment_id or version is None or not row.scenario.live or has_audience:
            continue
        ever = Enrollment.objects.filter(scenario=row.scenario)
        still = Contact.objects.filter(pk__in=world.chosen[row.pk])
        assert not still.exclude(pk__in=ever.values("contact_id")).exists(), "chosen, and never came in"
    for scenario in world.scenarios:
        starts = ManualStart.objects.filter(scenario=scenario)
        told = sum(starts.values_list("entered", flat=True)) + world.journal.started[scenario.pk]
        inside = sum(came_by_hand(one) for one in Enrollment.objects.filter(scenario=scenario))
        assert told == inside + world.journal.erased[scenario.pk], "counted wrongly"


def overtaking_is_impossible(world: World) -> None:
    """Nobody is inside whose order was cancelled after it was placed; see `World.rests`: all is matched."""
    for one in Enrollment.objects.inside().exclude(trigger_event=None).select_related("version"):
        if not world.journal.knows_the_way_of(one):
            continue
        leaving = [event for event in events_since(one) if takes_out(world.journal, one, event)]
        assert not leaving, "cancelled, and still inside"
