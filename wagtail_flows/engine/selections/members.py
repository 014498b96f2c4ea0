"""Members of the trigger's segment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.models import SeenMember, SegmentSweep
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.starting import Occasion
from wagtail_flows.lib.among import among
from wagtail_flows.segments.membership import by_public_id, members


@dataclass(frozen=True)
class Members(Selection):
    """Who is in the segment now. They count as seen by the sweep, which would bring them in once more. `segment`: its
    public id.
    """

    mark = "pk"
    contact = "pk"

    segment: str = ""

    def rows(self) -> QuerySet[Contact]:
        segment = by_public_id(self.segment)
        return Contact.objects.none() if segment is None else members(segment)

    def occasions(self, marks: Sequence[int], contact_ids: Collection[int]) -> list[Occasion]:
        sweep = SegmentSweep.objects.filter(
            scenario=self.listener.scenario_id,
            segment__public_id=self.segment,
            since=self.listener.starts_with_events_after,
        ).first()
        if sweep is not None:
            seen = set(sweep.seen.filter(among("contact_id", list(contact_ids))).values_list("contact_id", flat=True))
            unseen = [SeenMember(sweep=sweep, contact_id=one) for one in contact_ids if one not in seen]
            SeenMember.objects.bulk_create(unseen, ignore_conflicts=True)
        name = f"segment:{self.segment}"
        return [Occasion(contact_id, name, name) for contact_id in contact_ids]
