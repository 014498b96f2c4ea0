"""What must hold at every moment, whatever happened: told from the tables and the mails alone, in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from tests.engine.everything.mail import each_mail_came_once, is_exit, nobody_gets_what_they_must_not
from tests.engine.everything.world import World
from wagtail_flows.engine.answers import answer
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.versions import graphs
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.outcomes import Wait, WaitForEvent
from wagtail_flows.scenarios.situation import Situation


CHAIN_TOO_LONG = "circle"
UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}


def hold(world: World) -> None:
    the_tables_agree()
    nobody_gets_what_they_must_not(world)
    nobody_moves_where_it_is_paused(world)
    nobody_leaves_by_what_was_before()


def the_tables_agree() -> None:
    enrollments = list(
        Enrollment.objects.select_related("version", "trigger_event").prefetch_related("visits").order_by("pk")
    )
    for one in enrollments:
        visits = sorted(one.visits.all(), key=lambda visit: visit.number)
        the_state_is_whole(one)
        visits_follow_the_graph(one, visits)
        nobody_goes_on_early(one, visits)
    counts_add_up(enrollments)
    nobody_is_inside_twice(enrollments)
    events_are_matched_in_order()
    every_send_has_its_delivery(enrollments)
    each_mail_came_once()


def the_state_is_whole(one: Enrollment) -> None:
    """Ends, or has a due time, or is parked where a person sees why."""
    waits_for = (one.waits_for_kind, one.waits_for_match, one.waits_for_property, one.woken_by_id)
    match one.status:
        case "active":
            assert one.due_at is not None, "forgotten"
            assert one.ended_at is None
            assert not one.error
        case "parked":
            assert one.due_at is None
            assert CHAIN_TOO_LONG in one.error, one.error
        case "ended":
            assert (one.due_at, one.error) == (None, "")
            assert one.ended_at is not None
            assert one.exit_reason
            assert waits_for == ("", {}, "", None), waits_for


def visits_follow_the_graph(one: Enrollment, visits: list[Visit]) -> None:
    assert [visit.number for visit in visits] == list(range(1, one.visit_count + 1))
    steps = {step["id"]: step for step in one.version.graph["steps"]}
    stands_at, since = one.version.graph["start"], one.entered_at
    for visit in visits:
        assert visit.step == stands_at
        assert visit.kind in {steps[stands_at]["kind"], "left"}
        assert visit.entered_at == since <= visit.left_at
        following = steps[stands_at].get("outlets", {}).get(visit.outlet)
        is_last = visit.number == one.visit_count
        assert following is not None or is_last, "goes on after the end"
        stands_at, since = following or stands_at, visit.left_at
    has_ended = bool(visits) and visits[-1].outcome in {"finish", "left"}
    assert (one.status == "ended") == has_ended
    if one.status != "ended":
        assert (one.step, one.step_entered_at) == (stands_at, since)


def nobody_goes_on_early(one: Enrollment, visits: list[Visit]) -> None:
    """Waits counted in minutes and hours last so long; a time-out is no time-out where the event had happened."""
    steps = {step["id"]: step for step in one.version.graph["steps"]}
    heard: set[str] = set()
    for visit in visits:
        step = steps[visit.step]
        if visit.outcome != "continue" or "by_hand" in visit.seen:
            continue
        if step["kind"] == "wait" and step["after"] == "entry" and step["unit"] in UNITS:
            assert visit.left_at - visit.entered_at >= step["amount"] * UNITS[step["unit"]]
        if step["kind"] == "wait_for_event" and visit.outlet == "happened":
            assert visit.seen["event"] not in heard, "woken twice by one event"
            heard.add(visit.seen["event"])
        if step["kind"] == "wait_for_event" and visit.outlet == "timeout":
            since = max([one.trigger_event_id or 0, *map(int, heard)])
            assert not _awaited(one, step, visit, since), "the event was lost"


def _awaited(one: Enrollment, step: dict[str, Any], visit: Visit, since: int) -> list[Event]:
    happened = Event.objects.filter(
        contact_id=one.contact_id,
        kind=step["event"],
        pk__gt=since,
        recorded_at__gt=visit.entered_at,
        recorded_at__lt=visit.left_at,
    )
    where = step.get("where", {})
    return [
        event
        for event in happened
        if (not step["same_subject"] or event.subject == one.subject) and where.items() <= event.data.items()
    ]


def counts_add_up(enrollments: list[Enrollment]) -> None:
    """Of each step of each version: who came, has left or stands there."""
    came: Counter[tuple[int, str]] = Counter()
    left: Counter[tuple[int, str]] = Counter()
    stand: Counter[tuple[int, str]] = Counter()
    for one in enrollments:
        graph = one.version.graph
        steps = {step["id"]: step for step in graph["steps"]}
        came[one.version_id, graph["start"]] += 1
        for visit in one.visits.all():
            left[one.version_id, visit.step] += 1
            if visit.outlet in steps[visit.step].get("outlets", {}):
                came[one.version_id, steps[visit.step]["outlets"][visit.outlet]] += 1
        if one.status != "ended":
            stand[one.version_id, one.step] += 1
    assert came == left + stand


def nobody_is_inside_twice(enrollments: list[Enrollment]) -> None:
    keys = [(one.scenario_id, one.contact_id, one.entry_key) for one in enrollments]
    places = [(one.scenario_id, one.contact_id, one.subject) for one in enrollments if one.status != "ended"]
    assert len(set(keys)) == len(keys)
    assert len(set(places)) == len(places)


def events_are_matched_in_order() -> None:
    waiting: dict[int, bool] = defaultdict(bool)
    for contact_id, matched_at in Event.objects.order_by("pk").values_list("contact_id", "matched_at"):
        assert not (waiting[contact_id] and matched_at), "overtaken"
        waiting[contact_id] |= matched_at is None


def every_send_has_its_delivery(enrollments: list[Enrollment]) -> None:
    sends = [visit.pk for one in enrollments for visit in one.visits.all() if visit.outcome in {"send", "dispatch"}]
    queued = Delivery.objects.filter(kind__in=("message", "dispatch")).values_list("visit_id", flat=True)
    assert Counter(sends) == Counter(queued)


def nobody_is_left_behind(world: World) -> None:
    """After everybody has worked: nothing that may move is due."""
    running = Enrollment.objects.running().filter(due_at__lte=world.now)
    assert not running.exists()
    assert not Event.objects.filter(matched_at=None).exists()
    held = Delivery.objects.filter(status="queued", due_at__lte=world.now, visit__enrollment__scenario__is_paused=False)
    assert not held.exists()
    assert not Delivery.objects.filter(status="sending").exists()


def nobody_leaves_by_what_was_before() -> None:
    """Events are matched one after the other, as they were recorded."""
    for visit in Visit.objects.filter(outcome="left", seen__has_key="event").select_related("enrollment"):
        assert visit.seen["event"] > (visit.enrollment.trigger_event_id or 0), "left by an event from before"


def nobody_moves_where_it_is_paused(world: World) -> None:
    """But who leaves, or is sent on by hand. Each move has a moment of its own."""
    moved = Visit.objects.filter(enrollment__scenario__is_paused=True, left_at=world.now).exclude(outcome="left")
    assert not [visit for visit in moved if "by_hand" not in visit.seen], "moved while paused"


def everybody_waits_for_the_right_moment(world: World) -> None:
    """After everybody has worked: asked again, each step that somebody waits at names the moment written down."""
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
                due_at=one.due_at,
                zone=zone_named(one.contact.time_zone),
            )
        )
        assert isinstance(outcome, Wait | WaitForEvent), outcome
        assert outcome.until == one.due_at, (step.kind, outcome.until, one.due_at)


def nobody_was_turned_away_by_mistake(world: World) -> None:
    """Whoever a trigger that lets in every time has heard of came in, unless something stands against it: an order that
    was cancelled since, an earlier one who is inside or may not come back, an audience.
    """
    for scenario in world.scenarios:
        scenario.refresh_from_db()
        version = scenario.current_version
        if not scenario.live or version is None or version.graph.get("audience") or version.graph["exits"]:
            continue
        ever = set(Enrollment.objects.filter(scenario=scenario).values_list("contact_id", flat=True))
        # Whoever leaves the list that a scenario writes to leaves the scenario, also before anybody looked.
        ever |= set(Event.objects.filter(kind="list.unsubscribed").values_list("contact_id", flat=True))
        for trigger in version.graph["triggers"]:
            if trigger["kind"] != "event":
                continue
            for event in Event.objects.filter(
                kind=trigger["event"], recorded_at__gt=version.starts_with_events_after
            ).exclude(contact_id__in=ever):
                assert not trigger.get("where", {}).items() <= event.data.items(), "never came in"


def overtaking_is_impossible() -> None:
    """Nobody is inside whose order was cancelled after it was placed; see `World.rests`: all is matched."""
    for one in Enrollment.objects.inside().exclude(trigger_event=None).select_related("version"):
        for rule in one.version.graph["exits"]:
            later = Event.objects.filter(contact_id=one.contact_id, kind=rule["event"], pk__gt=one.trigger_event_id)
            assert not [event for event in later if is_exit(rule, one.subject, event)], "cancelled, and still inside"
