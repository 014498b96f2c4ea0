"""Events as the pure core sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from wagtail_flows.events.models import Event
from wagtail_flows.scenarios.situation import EventSnapshot


class Stored(NamedTuple):
    """What is known of a stored event besides the value. `depth`: in a chain of scenarios that wake each other."""

    pk: int
    contact_id: int
    depth: int
    snapshot: EventSnapshot


def snapshot(event: Event) -> EventSnapshot:
    """The frozen value of a stored event."""
    return EventSnapshot(
        kind=event.kind, occurred_at=event.occurred_at, data=event.data, subject=event.subject, id=str(event.pk)
    )


def snapshots(events: QuerySet[Event]) -> Iterator[Stored]:
    """Those of many events. No object of the model is made for each, which would take longer than reading them."""
    columns = ("pk", "contact_id", "depth", "kind", "occurred_at", "data", "subject")
    for pk, contact_id, depth, kind, occurred_at, data, subject in events.values_list(*columns):
        value = EventSnapshot(kind=kind, occurred_at=occurred_at, data=data, subject=subject, id=str(pk))
        yield Stored(pk, contact_id, depth, value)
