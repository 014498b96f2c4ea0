"""Events of the past: who had one that the trigger would have listened to."""

from __future__ import annotations

import logging

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from wagtail_flows.engine.matching import exit_kinds, reason_to_leave
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.snapshots import Stored, snapshots
from wagtail_flows.engine.starting import Occasion
from wagtail_flows.events.models import Event
from wagtail_flows.lib.among import among


log = logging.getLogger(__name__)


class PastEvents(Selection):
    """Each event recorded up to the moment since when the trigger listens; what comes later it hears itself."""

    mark = "pk"

    def rows(self) -> QuerySet[Event]:
        return Event.objects.filter(
            kind__in=self.listener.trigger.event_kinds(), recorded_at__lte=self.listener.starts_with_events_after
        )

    def occasions(self, marks: Sequence[int], contact_ids: Collection[int]) -> list[Occasion]:
        events = snapshots(Event.objects.filter(among("pk", marks)).order_by("pk"))
        matching = [event for event in events if event.contact_id in contact_ids and self._matches(event)]
        exits = self._exits(matching)
        return [
            Occasion(contact_id, f"event:{pk}", value.subject, value.data, event_id=pk, depth=depth)
            for pk, contact_id, depth, value in matching
            if not any(
                later.pk > pk and reason_to_leave(self.listener.graph, value.subject, later.snapshot)
                for later in exits.get(contact_id, ())
            )
        ]

    def _matches(self, event: Stored) -> bool:
        try:
            return self.listener.trigger.matches(event.snapshot)
        except Exception:
            log.exception("A trigger of scenario %d raised for event %d.", self.listener.scenario_id, event.pk)
            return False

    def _exits(self, events: Sequence[Stored]) -> dict[int, list[Stored]]:
        """What was recorded later and takes people out: an order that was cancelled since doesn't come in."""
        found: dict[int, list[Stored]] = defaultdict(list)
        if events:
            later = Event.objects.filter(
                among("contact_id", sorted({event.contact_id for event in events})),
                kind__in=exit_kinds(self.listener.graph),
                pk__gt=events[0].pk,
            )
            for event in snapshots(later):
                found[event.contact_id].append(event)
        return found
