"""At which hours of their day contacts open and click: asked of events, for a whole batch at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from wagtail_flows.engine import answers
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.events.happening_kinds import CLICKED, OPENED
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.scenarios.steps.wait_usual_hour import USUAL_HOURS


# Habits change, and one batch reads as many rows as this allows for each contact.
REMEMBERED_FOR = timedelta(days=180)
MOST_LOOKED_AT = 100


def register() -> None:
    """Answer this question. Doing it again changes nothing."""
    answers.register(USUAL_HOURS, usual_hours)


def usual_hours(_about: str, contact_ids: Collection[int]) -> Mapping[int, dict[str, int]]:
    """How often each of these contacts opened or clicked, in person, at which hour (0 to 23) on their own clock. Who
    never did has no answer. One query.
    """
    latest = Window(RowNumber(), partition_by=F("contact_id"), order_by=[F("occurred_at").desc(), F("pk").desc()])
    events = Event.objects.filter(
        contact_id__in=contact_ids,
        kind__in=(OPENED, CLICKED),
        data__by="human",
        occurred_at__gte=clock.now() - REMEMBERED_FOR,
    )
    rows = events.annotate(place=latest).filter(place__lte=MOST_LOOKED_AT)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for contact_id, zone, at in rows.values_list("contact_id", "contact__time_zone", "occurred_at"):
        found[contact_id][str(at.astimezone(zone_named(zone)).hour)] += 1
    return {contact_id: dict(counted) for contact_id, counted in found.items()}
