"""Matching what was recorded: events end enrollments and start them, each exactly once."""

from __future__ import annotations

import logging

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cache

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine import history, listening
from wagtail_flows.engine.entering import Comer, enter
from wagtail_flows.engine.locking import RUNNERS, lock_free_contacts
from wagtail_flows.engine.matching import (
    Candidate,
    ContactState,
    Entry,
    Listeners,
    Plan,
    RecordedEvent,
    candidate_by,
    entry_by,
    exit_kinds,
    match,
)
from wagtail_flows.engine.pacing import in_batches
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.waking import wake_by
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.events.models import Event
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.reentry import Past


log = logging.getLogger(__name__)


def match_events(now: datetime, until: float | None = None) -> int:
    """Match unmatched events, in batches, until there are none or the time is over. The number of events matched."""
    return in_batches(lambda: _match_batch(now), until)


def next_due(now: datetime) -> datetime | None:
    """`now` when an event waits to be matched."""
    return now if _unmatched().exists() else None


def overdue_since(now: datetime) -> datetime | None:
    """Since when the first unmatched event has waited; None when none does."""
    return _unmatched().order_by("pk").values_list("recorded_at", flat=True).first()


def _unmatched() -> QuerySet[Event]:
    return Event.objects.filter(matched_at__isnull=True)


def _match_batch(now: datetime) -> int:
    """One transaction: some contacts are locked, their events matched in recorded order, and marked as matched.

    A contact's events beyond the batch stay for the next one; their order is kept because a contact is locked as a
    whole.
    """
    # Asked outside of the transaction: on SQLite that would take the only write lock, for nothing most of the time.
    if not _unmatched().exists():
        return 0
    contacts: Mapping[int, str] = {}
    try:
        with transaction.atomic():
            oldest = _unmatched().order_by("pk").values("contact_id")[: conf.BATCH_SIZE * RUNNERS]
            for _try in range(RUNNERS):
                contacts = lock_free_contacts(oldest, conf.BATCH_SIZE)
                matched = _match_contacts(contacts, now)
                if matched or not contacts:
                    return matched
                # Another runner matched them all while their contacts were looked for.
            return 0
    except (OperationalError, InterfaceError):
        # The database is away, or asks to try again: that says nothing about these events.
        raise
    except Exception:
        if not contacts:
            raise
        log.exception("The events of %d contacts could not be matched; each contact is tried alone.", len(contacts))
    return sum(_match_alone(contact_id, now) for contact_id in contacts)


def _match_alone(contact_id: int, now: datetime) -> int:
    """One contact in a transaction of its own. Events that can't be matched stay: the log and the doctor tell."""
    try:
        with transaction.atomic():
            return _match_contacts(lock_free_contacts(Contact.objects.filter(pk=contact_id).values("pk"), 1), now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("The events of contact %d could not be matched.", contact_id)
        return 0


def _match_contacts(contacts: Mapping[int, str], now: datetime) -> int:
    events = list(_unmatched().filter(contact_id__in=contacts).order_by("contact_id", "pk")[: conf.BATCH_SIZE])
    zones = {pk: zone_named(name) for pk, name in contacts.items()}
    _apply(_planned(events, zones, now), now)
    wake_by(events, now)
    Event.objects.filter(pk__in=[event.pk for event in events]).update(matched_at=now)
    return len(events)


def _planned(events: Sequence[Event], zones: Mapping[int, tzinfo], now: datetime) -> Plan:
    plan = Plan()
    listeners: Listeners = cache(live.listening)
    for state in _states(events, listeners, zones, now):
        match(state, listeners, plan)
    return plan


def _apply(plan: Plan, now: datetime) -> None:
    """Exits first: who left makes room for who enters about the same subject."""
    listening.cut_short(plan.cuts, now)
    enter([_comer(entry) for entry in plan.entries], now)


def _comer(entry: Entry) -> Comer:
    event = entry.event
    return Comer(
        entry.contact_id,
        entry.listener,
        entry.key,
        subject=event.snapshot.subject,
        data=event.snapshot.data,
        event_id=event.id,
        depth=event.depth,
    )


def _states(
    events: Sequence[Event], listeners: Listeners, zones: Mapping[int, tzinfo], now: datetime
) -> list[ContactState]:
    """What is known about the contacts of these events. A constant number of queries, whatever their number."""
    by_contact: dict[int, list[RecordedEvent]] = defaultdict(list)
    for event in events:
        by_contact[event.contact_id].append(_recorded(event))
    candidates = _candidates(by_contact, listeners)
    inside = listening.inside(by_contact)
    later = _later(candidates)
    pairs = [(one.contact_id, one.listener) for one in candidates]
    histories = history.of(pairs, _keys(candidates, now), zones, now)
    return [
        ContactState(
            contact_id,
            own,
            nothing=histories.nothing(contact_id),
            later=later[contact_id],
            inside=inside[contact_id],
            used=frozenset(histories.used[contact_id]),
            held=frozenset(histories.held[contact_id]),
            pasts=histories.pasts[contact_id],
        )
        for contact_id, own in by_contact.items()
    ]


def _recorded(event: Event) -> RecordedEvent:
    return RecordedEvent(event.pk, snapshot(event), event.recorded_at, event.depth)


def _candidates(by_contact: dict[int, list[RecordedEvent]], listeners: Listeners) -> list[Candidate]:
    """Whoever would enter if nothing stood against it."""
    found = [
        candidate_by(listener, event, contact_id)
        for contact_id, events in by_contact.items()
        for event in events
        for listener in listeners(event.snapshot.kind)
    ]
    return [candidate for candidate in found if candidate is not None]


def _keys(candidates: Sequence[Candidate], now: datetime) -> set[str]:
    entries = (entry_by(candidate, Past(now)) for candidate in candidates)
    return {entry.key for entry in entries if entry is not None}


def _later(candidates: Sequence[Candidate]) -> dict[int, list[RecordedEvent]]:
    """Events recorded since the first candidate's that may be exits of what it would enter, by contact."""
    found: dict[int, list[RecordedEvent]] = defaultdict(list)
    kinds = {kind for entry in candidates for kind in exit_kinds(entry.listener.graph)}
    if candidates:
        since = min(entry.event.id for entry in candidates)
        contacts = {entry.contact_id for entry in candidates}
        for event in Event.objects.filter(contact_id__in=contacts, kind__in=kinds, pk__gt=since).order_by("pk"):
            found[event.contact_id].append(_recorded(event))
    return found
