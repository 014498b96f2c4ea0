"""Events as the pure core sees them."""

from __future__ import annotations

from wagtail_flows.events.models import Event
from wagtail_flows.scenarios.situation import EventSnapshot


def snapshot(event: Event) -> EventSnapshot:
    """The frozen value of a stored event."""
    return EventSnapshot(
        kind=event.kind, occurred_at=event.occurred_at, data=event.data, subject=event.subject, id=str(event.pk)
    )
