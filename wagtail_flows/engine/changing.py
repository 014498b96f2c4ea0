"""Changing properties of contacts, as steps decided: at once for a whole round, so that the next step sees them; told
as events when the visits that caused them are stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from wagtail_flows.contacts.models import Property
from wagtail_flows.contacts.property_batches import Wanted, change_properties
from wagtail_flows.contacts.property_events import change_event
from wagtail_flows.contacts.signals import property_changed
from wagtail_flows.engine.passage import Left, Passage
from wagtail_flows.events.recording import NewEvent, record_many
from wagtail_flows.scenarios.outcomes import Change, PropertyVerb


def change(passages: Iterable[Passage]) -> None:
    """Do what these passages ask for. A constant number of statements, none where nobody asks. Under the lock of the
    contacts.
    """
    asked = [(passage, visit, wish) for passage in passages for visit, wish in passage.changes]
    if not asked:
        return
    results = change_properties([_wanted(passage, wish) for passage, _visit, wish in asked])
    for (passage, visit, _wish), changed in zip(asked, results, strict=True):
        passage.changes.clear()
        passage.changed.append((visit, changed))


def _wanted(passage: Passage, wish: Change) -> Wanted:
    return Wanted(passage.enrollment.contact_id, wish.name, wish.value, is_added=wish.verb is PropertyVerb.ADD)


def tell(passages: Iterable[Passage]) -> None:
    """Record what was changed, and let those hear it who wait for a moment computed from it. The visits are stored."""
    told = list(_told(passages))
    record_many([event for _prop, event in told])
    contacts: dict[str, set[int]] = defaultdict(set)
    for prop, event in told:
        contacts[prop.name].add(event.contact_id)
    for name, contact_ids in contacts.items():
        property_changed.send(Property, contact_ids=contact_ids, name=name)


def _told(passages: Iterable[Passage]) -> Iterator[tuple[Property, NewEvent]]:
    """The events of real changes. Each is one link longer than the chain that its enrollment stands at the end of."""
    for passage in passages:
        for visit, changed in passage.changed:
            if changed.prop is not None and changed.old != changed.new:
                yield changed.prop, _event(passage, visit, changed.prop, changed.old, changed.new)


def _event(passage: Passage, visit: Left, prop: Property, old: object, new: object) -> NewEvent:
    at = passage.enrollment
    [cause_id] = passage.visit_ids[visit.number]
    return change_event(at.contact_id, prop, old, new, cause_id=cause_id, depth=at.depth + 1)
