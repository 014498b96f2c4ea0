"""Coming in: whoever a trigger brings enters here, if they are in the audience. The constraints are the referee."""

from __future__ import annotations

import uuid

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.engine.audiences import outside
from wagtail_flows.engine.models import Enrollment, RefusedEntry
from wagtail_flows.lib.inserting import Alike, insert_missing
from wagtail_flows.scenarios.live import ListeningTrigger


# A chain of scenarios that wake each other by events is parked at this depth, where a person sees it.
DEEPEST_CHAIN = 10
NOT_IN_AUDIENCE = "not_in_audience"


@dataclass(frozen=True)
class Comer:
    """A contact that a trigger brings, with the key of the entry. `event_id`, `depth`: of the event, if it was one."""

    contact_id: int
    listener: ListeningTrigger
    key: str
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    event_id: int | None = None
    depth: int = 0


def enter(comers: Sequence[Comer], now: datetime) -> list[Comer]:
    """Let in those of the audience, and note who isn't in it; who was let in. Under the lock of their contacts.

    One question for each audience, whatever the number of people; what the constraints refuse has entered already.
    """
    refused = outside([(one.contact_id, one.listener.graph.audience) for one in comers])
    inside = [one for one in comers if (one.contact_id, one.listener.graph.audience) not in refused]
    insert_missing(Enrollment, _enrollments(inside, now))
    if refused:
        turned_away = [one for one in comers if (one.contact_id, one.listener.graph.audience) in refused]
        RefusedEntry.objects.bulk_create([_refused(one, now) for one in turned_away], ignore_conflicts=True)
    return inside


def _refused(comer: Comer, now: datetime) -> RefusedEntry:
    return RefusedEntry(
        scenario_id=comer.listener.scenario_id,
        contact_id=comer.contact_id,
        event_id=comer.event_id,
        trigger_id=comer.listener.trigger.id,
        entry_key=comer.key,
        reason=NOT_IN_AUDIENCE,
        refused_at=now,
    )


def _enrollments(comers: Sequence[Comer], now: datetime) -> list[Alike[Enrollment]]:
    """The new enrollments of each trigger. Parked are those at the end of too long a chain of causes."""
    groups: dict[tuple[int, str, bool], list[Comer]] = defaultdict(list)
    for one in comers:
        groups[(one.listener.version_id, one.listener.trigger.id, one.depth >= DEEPEST_CHAIN)].append(one)
    return [
        Alike(
            _enrollment(alike[0].listener, now, is_too_deep=is_too_deep),
            ("public_id", "contact_id", "entry_key", "subject", "data", "trigger_event_id", "depth"),
            [
                (uuid.uuid4(), one.contact_id, one.key, one.subject, dict(one.data), one.event_id, one.depth)
                for one in alike
            ],
        )
        for (_version_id, _trigger_id, is_too_deep), alike in groups.items()
    ]


def _enrollment(listener: ListeningTrigger, now: datetime, *, is_too_deep: bool) -> Enrollment:
    """What those have in common whom this trigger brings: at the first step, and due at once."""
    return Enrollment(
        scenario_id=listener.scenario_id,
        version_id=listener.version_id,
        trigger_id=listener.trigger.id,
        status=Enrollment.Status.PARKED if is_too_deep else Enrollment.Status.ACTIVE,
        error=too_deep() if is_too_deep else "",
        step=listener.graph.start,
        step_entered_at=now,
        due_at=None if is_too_deep else now,
        entered_at=now,
    )


def too_deep() -> str:
    """Why somebody at the end of too long a chain of causes is parked."""
    return _("Scenarios wake each other in a circle: this is the tenth in a row.")
