"""What the tables must say at every moment, told in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.engine.everything.journal import Journal
from tests.engine.everything.walks import Stay, stays
from tests.engine.everything.world import World
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery


CHAIN_TOO_LONG = "circle"
UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}


def read_enrollments() -> list[Enrollment]:
    """Everybody, with their versions, scenarios and visits: all are read once for all that is asked of them."""
    found = Enrollment.objects.select_related("version", "scenario").prefetch_related("visits")
    return list(found.order_by("pk"))


def the_tables_agree(world: World, enrollments: Sequence[Enrollment]) -> None:
    ways: dict[int, list[Stay]] = {}
    for one in enrollments:
        visits = sorted(one.visits.all(), key=lambda visit: visit.number)
        the_state_is_whole(one)
        visits_are_numbered(one, visits)
        nobody_leaves_by_what_was_before(one, visits)
        if world.journal.knows_the_way_of(one):
            ways[one.pk] = list(stays(one, visits, world.journal))
            nobody_goes_on_early(one, ways[one.pk], world.journal)
    counts_add_up([one for one in enrollments if one.pk in ways], ways, world.journal)
    nobody_is_inside_twice(enrollments)
    nobody_comes_into_what_is_put_away(enrollments)
    nobody_sleeps_through_their_event(enrollments)
    events_are_matched_in_order()
    every_send_has_its_delivery(enrollments)


def the_state_is_whole(one: Enrollment) -> None:
    """Ends, or has a due time, or is parked where a person sees why."""
    waits_for = (one.waits_for_kind, one.waits_for_match, one.waits_for_property, one.woken_by_id)
    match one.status:
        case "active":
            assert one.due_at is not None, "forgotten"
            assert one.ended_at is None
            assert not one.error, one.error
        case "parked":
            assert one.due_at is None
            assert CHAIN_TOO_LONG in one.error, one.error
        case "ended":
            assert (one.due_at, one.error) == (None, "")
            assert one.ended_at is not None
            assert one.exit_reason
            assert waits_for == ("", {}, "", None), waits_for


def visits_are_numbered(one: Enrollment, visits: Sequence[Visit]) -> None:
    assert [visit.number for visit in visits] == list(range(1, one.visit_count + 1))
    assert (one.status == "ended") == (bool(visits) and visits[-1].outcome in {"finish", "left"})


def nobody_leaves_by_what_was_before(one: Enrollment, visits: Sequence[Visit]) -> None:
    """Events are matched one after the other, as they were recorded."""
    for visit in visits:
        if visit.outcome == "left" and "event" in visit.seen:
            assert visit.seen["event"] > (one.trigger_event_id or 0), "left by an event from before"


def nobody_moves_where_it_is_paused(world: World, enrollments: Sequence[Enrollment]) -> None:
    """But who leaves, or is sent on by hand. Each move has a moment of its own; a brake is pulled at the end of one."""
    paused = [one for one in enrollments if one.scenario.is_paused and one.scenario.paused_at < world.now]
    visits = [visit for one in paused for visit in one.visits.all()]
    moved = [visit for visit in visits if visit.left_at == world.now and visit.outcome != "left"]
    assert not [visit for visit in moved if "by_hand" not in visit.seen], "moved while paused"


def nobody_goes_on_early(one: Enrollment, way: Sequence[Stay], journal: Journal) -> None:
    """Waits counted in minutes and hours last so long; a time-out is no time-out where the event had happened."""
    heard: set[str] = set()
    for stay in way:
        visit, step = stay.visit, journal.graphs.steps(stay.version_id)[stay.step]
        if visit is None or visit.outcome != "continue" or "by_hand" in visit.seen:
            continue
        # Who was moved goes on when they would have without.
        if step["kind"] == "wait" and step["after"] == "entry" and step["unit"] in UNITS and not stay.was_moved:
            assert visit.left_at - visit.entered_at >= step["amount"] * UNITS[step["unit"]]
        if step["kind"] == "wait_for_event" and visit.outlet == "happened":
            assert visit.seen["event"] not in heard, "woken twice by one event"
            heard.add(visit.seen["event"])
        if step["kind"] == "wait_for_event" and visit.outlet == "timeout":
            since = max([one.trigger_event_id or 0, *map(int, heard)])
            assert not awaited(one, step, since, visit.entered_at, visit.left_at), "the event was lost"


def awaited(one: Enrollment, step: Mapping[str, Any], since: int, after: datetime, before: datetime) -> list[Event]:
    """The events that somebody at this step would have been woken by, in these limits: recorded after the one with the
    primary key `since`, and between two moments.
    """
    happened = Event.objects.filter(
        contact_id=one.contact_id, kind=step["event"], pk__gt=since, recorded_at__gt=after, recorded_at__lt=before
    )
    where = step.get("where", {})
    return [
        event
        for event in happened
        if (not step["same_subject"] or event.subject == one.subject) and where.items() <= event.data.items()
    ]


def nobody_sleeps_through_their_event(enrollments: Sequence[Enrollment]) -> None:
    """An event that was matched has woken whoever waits for it: they are to go on at once."""
    for one in enrollments:
        if one.status != "active" or not one.waits_for_kind:
            continue
        assert one.woken_by_id is None, "woken, and still waits"
        step = next(step for step in one.version.graph["steps"] if step["id"] == one.step)
        since = max(one.trigger_event_id or 0, one.heard_event_id)
        found = awaited(one, step, since, one.step_entered_at, datetime.max.replace(tzinfo=one.entered_at.tzinfo))
        assert not [event for event in found if event.matched_at is not None], "nobody is woken"


def counts_add_up(enrollments: Sequence[Enrollment], ways: Mapping[int, Sequence[Stay]], journal: Journal) -> None:
    """Of each step of each version: who came, or was moved there, has left, was moved away, or stands there."""
    came: Counter[tuple[int, str]] = Counter()
    left: Counter[tuple[int, str]] = Counter()
    stand: Counter[tuple[int, str]] = Counter()
    for one in enrollments:
        came[ways[one.pk][0].version_id, journal.graphs.start(ways[one.pk][0].version_id)] += 1
        for move in journal.moves[one.pk]:
            came[move.target] += 1
            left[move.origin] += 1
        for stay in ways[one.pk]:
            if stay.visit is None:
                continue
            left[stay.version_id, stay.step] += 1
            outlets = journal.graphs.steps(stay.version_id)[stay.step].get("outlets", {})
            if stay.visit.outlet in outlets:
                came[stay.version_id, outlets[stay.visit.outlet]] += 1
        if one.status != "ended":
            stand[one.version_id, one.step] += 1
    assert came == left + stand


def nobody_is_inside_twice(enrollments: Sequence[Enrollment]) -> None:
    keys = [(one.scenario_id, one.contact_id, one.entry_key) for one in enrollments]
    places = [(one.scenario_id, one.contact_id, one.subject) for one in enrollments if one.status != "ended"]
    assert len(set(keys)) == len(keys)
    assert len(set(places)) == len(places)


def nobody_comes_into_what_is_put_away(enrollments: Sequence[Enrollment]) -> None:
    for one in enrollments:
        archived_at = one.scenario.archived_at
        assert archived_at is None or one.entered_at <= archived_at, "came into what is archived"


def events_are_matched_in_order() -> None:
    waiting: dict[int, bool] = defaultdict(bool)
    for contact_id, matched_at in Event.objects.order_by("pk").values_list("contact_id", "matched_at"):
        assert not (waiting[contact_id] and matched_at), "overtaken"
        waiting[contact_id] |= matched_at is None


def every_send_has_its_delivery(enrollments: Sequence[Enrollment]) -> None:
    sends = [visit.pk for one in enrollments for visit in one.visits.all() if visit.outcome in {"send", "dispatch"}]
    queued = Delivery.objects.filter(kind__in=("message", "dispatch")).values_list("visit_id", flat=True)
    assert Counter(sends) == Counter(queued)
