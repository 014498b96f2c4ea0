"""What there was between contacts and scenarios before: what stands against another entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from django.db.models import Count, Max, Q, QuerySet

from wagtail_flows.engine.models import Enrollment
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.reentry import Past, looks_back


Pair = tuple[int, ListeningTrigger]


@dataclass
class Histories:
    """By contact: `used` are (scenario, entry key) pairs; `held` the scenarios that the contact may not enter now,
    because of how they left; `pasts` by scenario what re-entry rules look back at.
    """

    now: datetime
    zones: Mapping[int, tzinfo]
    used: dict[int, set[tuple[int, str]]] = field(default_factory=lambda: defaultdict(set))
    held: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    pasts: dict[int, dict[int, Past]] = field(default_factory=lambda: defaultdict(dict))

    def nothing(self, contact_id: int) -> Past:
        """The past of who was never there."""
        return Past(self.now, zone=self.zones[contact_id])


def of(pairs: Sequence[Pair], keys: Collection[str], zones: Mapping[int, tzinfo], now: datetime) -> Histories:
    """The histories of these contacts (all have a zone) with the scenarios they might enter by one of `keys`. Three
    queries at most.

    A key that hangs on the past needn't be asked for: it names the last enrollment, so no earlier one has it.
    """
    found = Histories(now, zones)
    if pairs:
        rows = _between(
            contact_ids={contact_id for contact_id, _listener in pairs}, listeners=[one for _id, one in pairs]
        )
        used = rows.filter(entry_key__in=keys)
        for contact_id, scenario_id, key in used.values_list("contact_id", "scenario_id", "entry_key"):
            found.used[contact_id].add((scenario_id, key))
        left = rows.filter(status=Enrollment.Status.ENDED)
        holding = left.filter(Q(reenter_after__isnull=True) | Q(reenter_after__gt=now))
        for contact_id, scenario_id in holding.values_list("contact_id", "scenario_id"):
            found.held[contact_id].add(scenario_id)
        _look_back(found, pairs)
    return found


def _look_back(found: Histories, pairs: Sequence[Pair]) -> None:
    looking = [(contact_id, one) for contact_id, one in pairs if looks_back(one.trigger.reentry)]
    if not looking:
        return
    rows = _between({contact_id for contact_id, _listener in looking}, [one for _id, one in looking])
    last = (
        rows.order_by()
        .values("contact_id", "scenario_id")
        .annotate(
            last_id=Max("pk"),
            entered_at=Max("entered_at"),
            inside=Count("pk", filter=~Q(status=Enrollment.Status.ENDED)),
        )
    )
    for row in last:
        found.pasts[row["contact_id"]][row["scenario_id"]] = Past(
            found.now,
            last_id=row["last_id"],
            last_entered_at=row["entered_at"],
            is_inside=row["inside"] > 0,
            zone=found.zones[row["contact_id"]],
        )


def _between(contact_ids: Iterable[int], listeners: Iterable[ListeningTrigger]) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(
        contact_id__in=set(contact_ids), scenario_id__in={listener.scenario_id for listener in listeners}
    )
