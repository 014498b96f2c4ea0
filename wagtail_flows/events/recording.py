"""Recording what happened: once, however often it is told."""

from __future__ import annotations

import hashlib

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from wagtail_flows.events import kinds, signals
from wagtail_flows.events.models import Event
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import bell, clock


LONGEST_DEDUPE_KEY = 200


class UnknownEventKind(FlowsError):
    """Register the kind first, with `events.kinds.register` or the hook `register_flows_event_kind`."""


@dataclass(frozen=True)
class NewEvent:
    """One fact about one contact, not yet recorded.

    (kind, source, dedupe_key) makes it unique. `occurred_at` (aware) is when it happened, None for now; `cause_id` is
    the Visit that made it happen, `depth` how long the chain of such causes is.
    """

    kind: str
    contact_id: int
    source: str
    dedupe_key: str
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None
    cause_id: int | None = None
    depth: int = 0


def record(new: NewEvent) -> Event | None:
    """Store the event and ring the bell; None when this fact is known already. Raises UnknownEventKind."""
    if kinds.get(new.kind) is None:
        raise UnknownEventKind(f"There is no event kind {new.kind!r}. {UnknownEventKind.__doc__}")
    now = clock.now()
    event, is_new = Event.objects.get_or_create(
        kind=new.kind,
        source=new.source,
        dedupe_key=_stored_key(new.dedupe_key),
        defaults={
            "contact_id": new.contact_id,
            "subject": new.subject,
            "data": dict(new.data),
            "occurred_at": new.occurred_at or now,
            "recorded_at": now,
            "cause_id": new.cause_id,
            "depth": new.depth,
        },
    )
    if not is_new:
        return None
    bell.ring()
    return event


def record_many(news: Sequence[NewEvent]) -> None:
    """Store these events, in this order, with one statement, and ring the bell; known facts are left out. Raises
    UnknownEventKind.
    """
    for kind in {new.kind for new in news}:
        if kinds.get(kind) is None:
            raise UnknownEventKind(f"There is no event kind {kind!r}. {UnknownEventKind.__doc__}")
    now = clock.now()
    Event.objects.bulk_create([_event(new, now) for new in news], ignore_conflicts=True)
    if news:
        bell.ring()


def _event(new: NewEvent, now: datetime) -> Event:
    return Event(
        kind=new.kind,
        source=new.source,
        dedupe_key=_stored_key(new.dedupe_key),
        contact_id=new.contact_id,
        subject=new.subject,
        data=dict(new.data),
        occurred_at=new.occurred_at or now,
        recorded_at=now,
        cause_id=new.cause_id,
        depth=new.depth,
    )


def correct(kind: str, source: str, dedupe_key: str, occurred_at: datetime, data: Mapping[str, Any]) -> bool:
    """Give a known fact its better date and data, without making it happen again. False when it isn't known.

    Whoever counts from the old date hears `signals.corrected` in the same transaction.
    """
    known = Event.objects.filter(kind=kind, source=source, dedupe_key=_stored_key(dedupe_key))
    with transaction.atomic():
        event_id = known.values_list("pk", flat=True).first()
        if event_id is None:
            return False
        known.update(occurred_at=occurred_at, data=dict(data))
        signals.corrected.send(sender=Event, event_id=event_id)
        bell.ring()
    return True


def _stored_key(dedupe_key: str) -> str:
    """The key as its column can hold it: one from outside that is too long is told apart by its hash."""
    if len(dedupe_key) <= LONGEST_DEDUPE_KEY:
        return dedupe_key
    return "sha256:" + hashlib.sha256(dedupe_key.encode()).hexdigest()
