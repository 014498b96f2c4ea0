"""What can be pruned of the engine's history. Nothing of anybody who is inside, and never an enrollment itself.

An ended enrollment stays as a row: its entry key is why nobody enters twice for the same reason, and how it ended is
asked by re-entry rules and segments. What it carried goes, and so do its visits, but for those that are asked for ever
(see KEPT_KINDS) and for those whose delivery is still kept, which tells by its visit where it came from.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.models import Enrollment, RefusedEntry, SeenMember, SegmentSweep, Visit
from wagtail_flows.lib import pruning
from wagtail_flows.lib.pruning import Prunable
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.steps.goal import GOAL
from wagtail_flows.scenarios.steps.random_split import RandomSplit
from wagtail_flows.scenarios.triggers.segment_entered import SegmentTrigger


# Segments ask who reached a goal; a random split sends who comes back the way they went before.
KEPT_KINDS = (GOAL, RandomSplit.kind)


def register() -> None:
    """Let all of it be pruned. Doing it again changes nothing."""
    pruning.register(Prunable("visits", lambda: conf.KEEP_VISITS_DAYS, Visit.objects.all, "left_at", visits))
    pruning.register(
        Prunable("enrollments", lambda: conf.KEEP_VISITS_DAYS, Enrollment.objects.all, "entered_at", carried)
    )
    pruning.register(
        Prunable(
            "refused entries", lambda: conf.KEEP_REFUSED_ENTRIES_DAYS, RefusedEntry.objects.all, "refused_at", refused
        )
    )
    pruning.register(
        Prunable("starts by hand", lambda: conf.KEEP_VISITS_DAYS, ManualStart.objects.all, "prepared_at", starts)
    )
    pruning.register(Prunable("seen members", lambda: 0, seen_in_dead_sweeps, "sweep__since", seen))


def visits(rows: QuerySet[Visit], cutoff: datetime) -> int:
    """Of these, delete those of enrollments that ended before `cutoff`."""
    sent = Delivery.objects.filter(visit=OuterRef("pk"))
    ended = rows.filter(enrollment__status=Enrollment.Status.ENDED, enrollment__ended_at__lt=cutoff)
    _all, deleted = ended.exclude(kind__in=KEPT_KINDS).filter(~Exists(sent)).delete()
    return int(deleted.get(Visit._meta.label, 0))


def carried(rows: QuerySet[Enrollment], cutoff: datetime) -> int:
    """Of these, empty what they carried if they ended before `cutoff`."""
    ended = rows.filter(status=Enrollment.Status.ENDED, ended_at__lt=cutoff)
    return ended.exclude(data={}).update(data={})


def refused(rows: QuerySet[RefusedEntry], cutoff: datetime) -> int:
    """Delete these."""
    return int(rows.delete()[0])


def starts(rows: QuerySet[ManualStart], cutoff: datetime) -> int:
    """Of these, delete those that were done before `cutoff`, and those that nobody ever confirmed. Who came in by one
    doesn't again: their enrollment has its key.
    """
    return int(rows.filter(Q(finished_at__lt=cutoff) | Q(begun_at=None)).delete()[0])


def seen_in_dead_sweeps() -> QuerySet[SeenMember]:
    """Who was seen in a segment that no live scenario listens to any more. One that can't be asked just now is still
    listened to.
    """
    listened = {
        (one.scenario_id, one.trigger.segment)
        for one in live.listening_as(SegmentTrigger.kind)
        if isinstance(one.trigger, SegmentTrigger)
    }
    known = SegmentSweep.objects.values_list("pk", "scenario_id", "segment__public_id")
    dead = [pk for pk, scenario_id, segment in known if (scenario_id, str(segment)) not in listened]
    return SeenMember.objects.filter(sweep__in=dead)


def seen(rows: QuerySet[SeenMember], cutoff: datetime) -> int:
    """Delete these. Should a scenario listen again, its sweep begins anew: who is in by then was in before."""
    SegmentSweep.objects.filter(pk__in=rows.values("sweep")).update(swept_at=None)
    return int(rows.delete()[0])
