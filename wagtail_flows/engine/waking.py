"""Waking who waits for an event: when it is matched, and by looking back when the waiting begins or ends.

Both happen under the lock of the contact. An event that commits while a wait is being armed has not been matched then,
so it is matched afterwards, and wakes; one that was matched before is found by looking back to when the step before
was left. So none is lost in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from wagtail_flows.engine.entering import DEEPEST_CHAIN, too_deep
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.passage import Passage, park
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.subscribing import WAITING, Awaited, awaited, wake
from wagtail_flows.events.models import Event


def wake_by(events: Sequence[Event], now: datetime) -> None:
    """Make due whoever waits for one of these events, which are in recorded order: the first that meets it counts. One
    statement looks, one writes. Under the lock of their contacts.
    """
    by_contact = _by_contact(events)
    waiting = Enrollment.objects.active().filter(
        contact_id__in=by_contact, waits_for_kind__in={event.kind for event in events}
    )
    woken: list[Enrollment] = []
    for one in waiting:
        found = _first(by_contact[one.contact_id], awaited(one))
        if found is not None:
            wake(one, found.pk, found.depth)
            one.due_at = now
            if found.depth >= DEEPEST_CHAIN:
                park(one)
                one.error = too_deep()
            woken.append(one)
    if woken:
        Enrollment.objects.bulk_update(woken, [*WAITING, "due_at", "status", "error"])


def look_back(passages: Iterable[Passage]) -> None:
    """Wake those whose event was recorded since they left the step before, or isn't matched yet. One query, none where
    nobody waits.
    """
    waiting = [(passage, wanted) for passage in passages if (wanted := awaited(passage.enrollment)) is not None]
    if not waiting:
        return
    by_contact = _by_contact(_recorded_for(waiting))
    for passage, wanted in waiting:
        since = passage.enrollment.step_entered_at
        events = by_contact[passage.enrollment.contact_id]
        found = _first((one for one in events if one.matched_at is None or one.recorded_at >= since), wanted)
        if found is not None:
            passage.wake(found.pk, snapshot(found), found.depth)


def _recorded_for(waiting: Sequence[tuple[Passage, Awaited]]) -> Iterable[Event]:
    since = min(passage.enrollment.step_entered_at for passage, _wanted in waiting)
    return Event.objects.filter(
        Q(matched_at__isnull=True) | Q(recorded_at__gte=since),
        # One at the end of a chain too long wakes nobody: when it is matched it parks.
        depth__lt=DEEPEST_CHAIN,
        contact_id__in={passage.enrollment.contact_id for passage, _wanted in waiting},
        kind__in={wanted.kind for _passage, wanted in waiting},
    ).order_by("pk")


def _by_contact(events: Iterable[Event]) -> Mapping[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        found[event.contact_id].append(event)
    return found


def _first(events: Iterable[Event], wanted: Awaited | None) -> Event | None:
    if wanted is None:
        return None
    return next((event for event in events if wanted.is_met_by(event.pk, snapshot(event))), None)
