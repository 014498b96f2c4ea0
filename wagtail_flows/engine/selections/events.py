"""Events of the past: who had one that the trigger would have listened to."""

from __future__ import annotations

import logging

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from wagtail_flows.engine.matching import exit_kinds, reason_to_leave
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.starting import Occasion
from wagtail_flows.events.models import Event
from wagtail_flows.scenarios.situation import EventSnapshot


log = logging.getLogger(__name__)


class PastEvents(Selection):
    """Each event recorded up to the moment since when the trigger listens; what comes later it hears itself."""

    mark = "pk"

    def rows(self) -> QuerySet[Event]:
        return Event.objects.filter(
            kind__in=self.listener.trigger.event_kinds(), recorded_at__lte=self.listener.starts_with_events_after
        )

    def occasions(self, rows: Sequence[Event], contact_ids: Collection[int]) -> list[Occasion]:
        matching = [event for event in rows if event.contact_id in contact_ids and self._matches(event)]
        exits = self._exits(matching)
        return [
            Occasion(
                event.contact_id,
                f"event:{event.pk}",
                event.subject,
                event.data,
                event_id=event.pk,
                depth=event.depth,
            )
            for event in matching
            if not any(
                pk > event.pk and reason_to_leave(self.listener.graph, event.subject, later)
                for pk, later in exits[event.contact_id]
            )
        ]

    def _matches(self, event: Event) -> bool:
        try:
            return self.listener.trigger.matches(snapshot(event))
        except Exception:
            log.exception("A trigger of scenario %d raised for event %d.", self.listener.scenario_id, event.pk)
            return False

    def _exits(self, events: Sequence[Event]) -> dict[int, list[tuple[int, EventSnapshot]]]:
        """What was recorded later and takes people out: an order that was cancelled since doesn't come in."""
        found: dict[int, list[tuple[int, EventSnapshot]]] = defaultdict(list)
        if events:
            later = Event.objects.filter(
                contact_id__in={event.contact_id for event in events},
                kind__in=exit_kinds(self.listener.graph),
                pk__gt=min(event.pk for event in events),
            )
            for event in later:
                found[event.contact_id].append((event.pk, snapshot(event)))
        return found
