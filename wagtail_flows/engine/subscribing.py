"""An enrollment that waits for an event is a subscription to it: what it waits for, what has woken it. In memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wagtail_flows.engine.models import Enrollment
from wagtail_flows.scenarios.filters import Where, matches_where, read_where, write_where
from wagtail_flows.scenarios.outcomes import WaitForEvent
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.situation import EventSnapshot


# The columns that say it.
WAITING = (
    "waits_for_kind",
    "waits_for_match",
    "woken_by_id",
    "heard_event_id",
    "waits_for_property",
    "depth",
    "kept_until",
)
# What they are of who waits for nothing.
NOTHING_AWAITED: Mapping[str, Any] = {
    "waits_for_kind": "",
    "waits_for_match": {},
    "waits_for_property": "",
    "woken_by_id": None,
}


@dataclass(frozen=True)
class Awaited:
    """Which event an enrollment waits for. `subject` None: about anything. `since`: the id of the last event that it
    has heard of, or came in by; what was recorded before that wakes it no more.
    """

    kind: str
    where: Where
    subject: str | None
    since: int

    def is_met_by(self, event_id: int, event: EventSnapshot) -> bool:
        return (
            event_id > self.since
            and event.kind == self.kind
            and self.subject in (None, event.subject)
            and matches_where(self.where, event.data)
        )


def awaited(enrollment: Enrollment) -> Awaited | None:
    """What it waits for; None where it waits for no event."""
    if not enrollment.waits_for_kind:
        return None
    match: Mapping[str, Any] = enrollment.waits_for_match
    since = max(enrollment.trigger_event_id or 0, enrollment.heard_event_id)
    return Awaited(enrollment.waits_for_kind, read_where(Reader(match, [])), match.get("subject"), since)


def arm(enrollment: Enrollment, outcome: WaitForEvent) -> None:
    """Let it wait for this event."""
    subject = {"subject": enrollment.subject} if outcome.same_subject else {}
    enrollment.waits_for_kind = outcome.kind
    enrollment.waits_for_match = {**write_where(outcome.where), **subject}


def wake(enrollment: Enrollment, event_id: int, depth: int) -> None:
    """The event has happened; the step will be told. What it causes from now on is caused by the event as well."""
    disarm(enrollment)
    enrollment.depth = max(enrollment.depth, depth)
    enrollment.woken_by_id = enrollment.heard_event_id = event_id


def disarm(enrollment: Enrollment) -> None:
    """Let it wait for no event, and hang on no property, any more."""
    for name, value in NOTHING_AWAITED.items():
        setattr(enrollment, name, value)
