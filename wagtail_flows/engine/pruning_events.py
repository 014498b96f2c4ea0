"""Old events of chosen kinds go, once they are matched and nobody inside came in or was woken by them.

Of chosen kinds only: an event is also what keeps the same fact, told again, from happening a second time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.events.models import Event
from wagtail_flows.lib import pruning
from wagtail_flows.lib.pruning import Prunable


def register() -> None:
    """Let them be pruned. Doing it again changes nothing."""
    pruning.register(Prunable("events", _shortest, _of_chosen_kinds, "recorded_at", events))


def _shortest() -> int | None:
    return min(conf.KEEP_EVENTS_DAYS.values(), default=None)


def _of_chosen_kinds() -> QuerySet[Event]:
    return Event.objects.filter(kind__in=conf.KEEP_EVENTS_DAYS)


def events(rows: QuerySet[Event], cutoff: datetime) -> int:
    """Of these, which are older than the shortest time (so is `cutoff`), delete those older than their own."""
    now = cutoff + timedelta(days=_shortest() or 0)
    old = Q()
    for kind, days in conf.KEEP_EVENTS_DAYS.items():
        old |= Q(kind=kind, recorded_at__lt=now - timedelta(days=days))
    inside = Enrollment.objects.inside()
    came_in, woken = inside.filter(trigger_event=OuterRef("pk")), inside.filter(woken_by=OuterRef("pk"))
    done = rows.filter(old, matched_at__isnull=False).filter(~Exists(came_in), ~Exists(woken))
    _all, deleted = Event.objects.filter(pk__in=list(done.values_list("pk", flat=True))).delete()
    return int(deleted.get(Event._meta.label, 0))
