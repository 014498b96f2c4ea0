"""Matching one contact's events against who is inside and what listens. Pure: values in, a plan out.

Events are looked at in recorded order. Each one first takes people out (exits of the versions they are in), then
takes people in (triggers of current versions). An entry doesn't happen when an exit of the same version was recorded
after the event that triggers it: an order cancelled before anybody looked never enters.
"""

from __future__ import annotations

import logging

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from wagtail_flows.contacts.event_kinds import LIST_UNSUBSCRIBED
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.reentry import Past
from wagtail_flows.scenarios.situation import EventSnapshot


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecordedEvent:
    """A stored event with what only the engine needs: its place in the order, when it was recorded, how deep its
    chain is.
    """

    id: int
    snapshot: EventSnapshot
    recorded_at: datetime
    depth: int


@dataclass(frozen=True)
class Inside:
    """An enrollment that an event may end. `is_open`: it still blocks another entry about the same subject."""

    enrollment_id: int
    scenario_id: int
    subject: str
    graph: Graph
    is_open: bool = True


@dataclass(frozen=True)
class Cut:
    """This enrollment is ended, by this event where it was one."""

    enrollment_id: int
    event_id: int | None
    reason: str


@dataclass(frozen=True)
class Candidate:
    """This contact would enter by this event, if nothing stood against it."""

    contact_id: int
    listener: ListeningTrigger
    event: RecordedEvent


@dataclass(frozen=True)
class Entry(Candidate):
    """This contact enters by this event."""

    key: str


@dataclass(frozen=True)
class ContactState:
    """All that is known about one contact under its lock.

    `events` are unmatched, in recorded order; `later` holds whatever was recorded that may be an exit, matched or
    not; `used` are the (scenario, entry key) pairs there have been; `held` the scenarios that the contact may not
    enter now; `pasts` by scenario what re-entry rules look back at, `nothing` what they find where there was nothing.
    """

    contact_id: int
    events: Sequence[RecordedEvent]
    nothing: Past
    later: Sequence[RecordedEvent] = ()
    inside: Sequence[Inside] = ()
    used: frozenset[tuple[int, str]] = frozenset()
    held: frozenset[int] = frozenset()
    pasts: Mapping[int, Past] = field(default_factory=dict)

    def past(self, scenario_id: int) -> Past:
        return self.pasts.get(scenario_id, self.nothing)


@dataclass
class Plan:
    """What matching changes. One Cut per enrollment, one Entry per (scenario, entry key)."""

    cuts: list[Cut] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


Listeners = Callable[[str], Iterable[ListeningTrigger]]


def match(state: ContactState, listeners: Listeners, plan: Plan) -> None:
    """Add to `plan` what the events of this contact change."""
    inside = {one.enrollment_id: one for one in state.inside}
    open_subjects = {(one.scenario_id, one.subject) for one in state.inside if one.is_open}
    used = set(state.used)
    entered: set[int] = set()
    for event in state.events:
        for one in list(inside.values()):
            reason = reason_to_leave(one.graph, one.subject, event.snapshot)
            if not reason:
                continue
            plan.cuts.append(Cut(one.enrollment_id, event.id, reason))
            del inside[one.enrollment_id]
            if one.is_open:
                open_subjects.discard((one.scenario_id, one.subject))
        for entry in _entries(state, event, listeners, open_subjects, entered):
            place = (entry.listener.scenario_id, event.snapshot.subject)
            key = (entry.listener.scenario_id, entry.key)
            if place in open_subjects or key in used:
                continue
            open_subjects.add(place)
            used.add(key)
            entered.add(entry.listener.scenario_id)
            plan.entries.append(entry)


def _entries(
    state: ContactState,
    event: RecordedEvent,
    listeners: Listeners,
    open_subjects: Collection[tuple[int, str]],
    entered: Collection[int],
) -> Iterable[Entry]:
    """One by one, so that each sees what the one before has changed."""
    for listener in listeners(event.snapshot.kind):
        if _is_barred(state, listener, event):
            continue
        candidate = candidate_by(listener, event, state.contact_id)
        if candidate is None:
            continue
        past = state.past(listener.scenario_id)
        is_inside = any(scenario_id == listener.scenario_id for scenario_id, _subject in open_subjects)
        last_entered_at = past.now if listener.scenario_id in entered else past.last_entered_at
        entry = entry_by(candidate, replace(past, is_inside=is_inside, last_entered_at=last_entered_at))
        if entry is not None:
            yield entry


def candidate_by(listener: ListeningTrigger, event: RecordedEvent, contact_id: int) -> Candidate | None:
    """The entry that this event asks for. A trigger that raises starts nothing, which the log tells; other triggers
    don't suffer by it.
    """
    if event.recorded_at <= listener.starts_with_events_after:
        return None
    try:
        return Candidate(contact_id, listener, event) if listener.trigger.matches(event.snapshot) else None
    except Exception:
        log.exception("A trigger of scenario %d raised for event %d.", listener.scenario_id, event.id)
        return None


def entry_by(candidate: Candidate, past: Past) -> Entry | None:
    """The entry with its key; None where the trigger's re-entry rule doesn't let the contact in now."""
    listener, event = candidate.listener, candidate.event
    try:
        key = listener.trigger.entry_key(event.snapshot, past)
    except Exception:
        log.exception("A trigger of scenario %d raised for event %d.", listener.scenario_id, event.id)
        return None
    return None if key is None else Entry(candidate.contact_id, listener, event, key)


def _is_barred(state: ContactState, listener: ListeningTrigger, event: RecordedEvent) -> bool:
    if listener.scenario_id in state.held:
        return True
    subject = event.snapshot.subject
    return any(
        later.id > event.id and reason_to_leave(listener.graph, subject, later.snapshot) for later in state.later
    )


def exit_kinds(graph: Graph) -> frozenset[str]:
    """The kinds of event that may take somebody out of this graph."""
    return frozenset({LIST_UNSUBSCRIBED, *(rule.event for rule in graph.exits)})


def reason_to_leave(graph: Graph, subject: str, event: EventSnapshot) -> str:
    """Why this event ends an enrollment about `subject`; "" when it doesn't.

    Besides the graph's own rules, who unsubscribes from a list leaves the scenario that hangs on it: the one that
    subscribing started, and one whose every e-mail goes to that list.
    """
    for rule in graph.exits:
        if rule.matches(event, subject):
            return rule.reason
    return LIST_UNSUBSCRIBED if event.kind == LIST_UNSUBSCRIBED and _hangs_on(graph, subject, event) else ""


def _hangs_on(graph: Graph, subject: str, event: EventSnapshot) -> bool:
    return subject == event.subject or graph.mailing_lists() == {event.data.get("list")}
