"""Who has the value that the trigger waits for, or any."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.engine.selections.latest import latest_events
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.starting import Occasion
from wagtail_flows.lib.among import among
from wagtail_flows.scenarios.values import typed
from wagtail_flows.segments.membership import json_safe


@dataclass(frozen=True)
class Values(Selection):
    """Contacts whose property `name` is `value` now (None: is anything). What changed since the trigger listens it has
    heard itself.
    """

    mark = "contact_id"

    name: str = ""
    value: Any = None

    def rows(self) -> QuerySet[ContactProperty]:
        known = Property.objects.filter(name=self.name).first()
        if known is None:
            return ContactProperty.objects.none()
        found = ContactProperty.objects.filter(property=known)
        if self.value is None:
            return found
        wanted = typed(known.type, self.value)
        return found.none() if wanted is None else found.filter(**{known.type: wanted})

    def occasions(self, marks: Sequence[int], contact_ids: Collection[int]) -> list[Occasion]:
        subject = f"property:{self.name}"
        events = latest_events([(pk, subject) for pk in contact_ids], self.listener.trigger.event_kinds())
        still = self.rows().filter(among("contact_id", list(contact_ids)))
        still = still.select_related("property").order_by("contact_id")
        found: list[Occasion] = []
        for one in still:
            event = events.get((one.contact_id, subject))
            if event is None or event.recorded_at <= self.listener.starts_with_events_after:
                data = {"property": self.name, "type": one.property.type, "new": json_safe(one.value)}
                found.append(Occasion(one.contact_id, subject, subject, data))
        return found
