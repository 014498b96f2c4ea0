"""The last event of each contact about each subject."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Max

from wagtail_flows.events.models import Event


def latest_events(places: Sequence[tuple[int, str]], kinds: Collection[str]) -> dict[tuple[int, str], Event]:
    """The last of these kinds for each (contact, subject); one that there is none of is missing. Two queries."""
    wanted = set(places)
    if not wanted:
        return {}
    last = (
        Event.objects.filter(
            kind__in=kinds,
            contact_id__in={contact_id for contact_id, _subject in wanted},
            subject__in={subject for _contact_id, subject in wanted},
        )
        .order_by()
        .values("contact_id", "subject")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True)
    )
    found = Event.objects.filter(pk__in=list(last))
    return {(event.contact_id, event.subject): event for event in found if (event.contact_id, event.subject) in wanted}
