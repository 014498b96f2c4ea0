"""The last event of each contact about each subject."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max

from wagtail_flows.events.models import Event
from wagtail_flows.lib.among import among


class Latest(NamedTuple):
    """What is asked of the last event."""

    pk: int
    data: dict[str, Any]
    depth: int
    recorded_at: datetime


def latest_events(places: Sequence[tuple[int, str]], kinds: Collection[str]) -> dict[tuple[int, str], Latest]:
    """The last of these kinds for each (contact, subject); one that there is none of is missing. Two queries."""
    wanted = set(places)
    if not wanted:
        return {}
    last = (
        Event.objects.filter(
            among("contact_id", sorted({contact_id for contact_id, _subject in wanted})),
            kind__in=kinds,
            subject__in={subject for _contact_id, subject in wanted},
        )
        .order_by()
        .values("contact_id", "subject")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True)
    )
    found = Event.objects.filter(among("pk", list(last))).values_list("contact_id", "subject", *Latest._fields)
    return {
        (contact_id, subject): Latest(*rest) for contact_id, subject, *rest in found if (contact_id, subject) in wanted
    }
