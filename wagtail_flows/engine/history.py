"""What there was between contacts and scenarios before: what stands against another entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from django.db.models import Count, Max, Q, QuerySet

from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib.among import among
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.reentry import Past, looks_back


Pair = tuple[int, ListeningTrigger]


@dataclass
class Histories:
    """Of contacts who were in one of the scenarios before (`known`): `used` are (scenario, entry key) pairs; `held` the
    scenarios that the contact may not enter now, because of how they left; `pasts` by scenario what re-entry rules look
    back at.
    """

    now: datetime
    zones: Mapping[int, tzinfo]
    known: frozenset[int] = frozenset()
    used: dict[int, set[tuple[int, str]]] = field(default_factory=lambda: defaultdict(set))
    held: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    pasts: dict[int, dict[int, Past]] = field(default_factory=lambda: defaultdict(dict))

    def nothing(self, contact_id: int) -> Past:
        """The past of who was never there."""
        return Past(self.now, zone=self.zones[contact_id])

    def past(self, contact_id: int, scenario_id: int) -> Past:
        found = self.pasts[contact_id].get(scenario_id) if contact_id in self.known else None
        return found or self.nothing(contact_id)

    def stands_against(self, contact_id: int, scenario_id: int, key: str) -> bool:
        """Whether the contact came in by this key before, or may not enter now."""
        if contact_id not in self.known:
            return False
        return scenario_id in self.held[contact_id] or (scenario_id, key) in self.used[contact_id]


def of(pairs: Sequence[Pair], keys: Collection[str], zones: Mapping[int, tzinfo], now: datetime) -> Histories:
    """The histories of these contacts (all have a zone) with the scenarios they might enter by one of `keys`. Four
    queries at most; one where nobody was there before, which is what most beginnings are like.

    A key that hangs on the past needn't be asked for: it names the last enrollment, so no earlier one has it.
    """
    scenario_ids = {listener.scenario_id for _contact_id, listener in pairs}
    asked = _between({contact_id for contact_id, _listener in pairs}, scenario_ids)
    known = frozenset(asked.order_by().values_list("contact_id", flat=True).distinct()) if pairs else frozenset()
    found = Histories(now, zones, known)
    if known:
        rows = _between(known, scenario_ids)
        used = rows.filter(entry_key__in=keys)
        for contact_id, scenario_id, key in used.values_list("contact_id", "scenario_id", "entry_key"):
            found.used[contact_id].add((scenario_id, key))
        left = rows.filter(status=Enrollment.Status.ENDED)
        holding = left.filter(Q(reenter_after__isnull=True) | Q(reenter_after__gt=now))
        for contact_id, scenario_id in holding.values_list("contact_id", "scenario_id"):
            found.held[contact_id].add(scenario_id)
        _look_back(found, [pair for pair in pairs if pair[0] in known])
    return found


def _look_back(found: Histories, pairs: Sequence[Pair]) -> None:
    looking = [(contact_id, one) for contact_id, one in pairs if looks_back(one.trigger.reentry)]
    if not looking:
        return
    rows = _between({contact_id for contact_id, _listener in looking}, {one.scenario_id for _id, one in looking})
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


def _between(contact_ids: Collection[int], scenario_ids: Collection[int]) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(among("contact_id", sorted(contact_ids)), scenario_id__in=scenario_ids)
