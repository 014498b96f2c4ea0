"""Matching one contact's events against who is inside and what listens. Pure: values in, a plan out.

Events are looked at in recorded order. Each one first takes people out (exits of the versions they are in), then
takes people in (triggers of current versions). An entry doesn't happen when an exit of the same version was recorded
after the event that triggers it: an order cancelled before anybody looked never enters.
"""

from __future__ import annotations

import logging

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wagtail_flows.contacts.event_kinds import LIST_UNSUBSCRIBED
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.references import Target
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
    """This enrollment is ended by this event."""

    enrollment_id: int
    event_id: int
    reason: str


@dataclass(frozen=True)
class Entry:
    """This contact enters by this event."""

    contact_id: int
    listener: ListeningTrigger
    event: RecordedEvent
    key: str


@dataclass(frozen=True)
class ContactState:
    """All that is known about one contact under its lock.

    `events` are unmatched, in recorded order; `later` holds whatever was recorded that may be an exit, matched or
    not; `used` are the (scenario, entry key) pairs there have been; `held` the scenarios that the contact may not
    enter now.
    """

    contact_id: int
    events: Sequence[RecordedEvent]
    later: Sequence[RecordedEvent] = ()
    inside: Sequence[Inside] = ()
    used: frozenset[tuple[int, str]] = frozenset()
    held: frozenset[int] = frozenset()


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
    for event in state.events:
        for one in list(inside.values()):
            reason = reason_to_leave(one.graph, one.subject, event.snapshot)
            if not reason:
                continue
            plan.cuts.append(Cut(one.enrollment_id, event.id, reason))
            del inside[one.enrollment_id]
            if one.is_open:
                open_subjects.discard((one.scenario_id, one.subject))
        for entry in _entries(state, event, listeners):
            place = (entry.listener.scenario_id, event.snapshot.subject)
            key = (entry.listener.scenario_id, entry.key)
            if place in open_subjects or key in used:
                continue
            open_subjects.add(place)
            used.add(key)
            plan.entries.append(entry)


def _entries(state: ContactState, event: RecordedEvent, listeners: Listeners) -> Iterable[Entry]:
    for listener in listeners(event.snapshot.kind):
        if _is_barred(state, listener, event):
            continue
        entry = entry_by(listener, event, state.contact_id)
        if entry is not None:
            yield entry


def entry_by(listener: ListeningTrigger, event: RecordedEvent, contact_id: int) -> Entry | None:
    """The entry that this event would be, if nothing stood against it.

    A trigger that raises starts nothing, which the log tells; other triggers don't suffer by it.
    """
    if event.recorded_at <= listener.starts_with_events_after:
        return None
    try:
        if not listener.trigger.matches(event.snapshot):
            return None
        key = listener.trigger.entry_key(event.snapshot)
    except Exception:
        log.exception("A trigger of scenario %d raised for event %d.", listener.scenario_id, event.id)
        return None
    return Entry(contact_id, listener, event, key)


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
    return subject == event.subject or _mailing_lists(graph) == {event.data.get("list")}


def _mailing_lists(graph: Graph) -> set[str | None]:
    """The lists that its e-mails go to; None stands for those that go to no list."""
    found: set[str | None] = set()
    for step in graph.steps:
        targets = {reference.target: reference.key for reference in step.references()}
        if Target.MESSAGE in targets:
            found.add(targets.get(Target.MAILING_LIST))
    return found
