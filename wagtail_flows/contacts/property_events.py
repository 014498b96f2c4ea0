"""The event of a property that got another value. Telling the same value again changes nothing and records nothing."""

from __future__ import annotations

import uuid

from datetime import date
from decimal import Decimal
from typing import Any

from wagtail_flows.contacts.event_kinds import PROPERTY_CHANGED
from wagtail_flows.contacts.models import Property
from wagtail_flows.events.recording import NewEvent, record


def record_change(
    contact_id: int, prop: Property, old: Any, new: Any, *, cause_id: int | None = None, depth: int = 0
) -> None:
    """Record that the value was `old` and is `new` now (None: none), unless they are the same. Under the lock of the
    contact, in the transaction that writes the value: so each change is told once.
    """
    if old != new:
        record(change_event(contact_id, prop, old, new, cause_id=cause_id, depth=depth))


def change_event(
    contact_id: int, prop: Property, old: Any, new: Any, *, cause_id: int | None = None, depth: int = 0
) -> NewEvent:
    """The event of this change, not yet recorded."""
    return NewEvent(
        kind=PROPERTY_CHANGED,
        contact_id=contact_id,
        source="site",
        dedupe_key=f"property:{uuid.uuid4()}",
        subject=f"property:{prop.name}",
        data={"property": prop.name, "type": prop.type, "old": _as_json(old), "new": _as_json(new)},
        cause_id=cause_id,
        depth=depth,
    )


def _as_json(value: Any) -> Any:
    """Dates in ISO form, numbers as exact text."""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
