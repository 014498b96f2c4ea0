"""Leaving because of an event: who is inside hears it, and goes before their own end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Case, F, Q, Value, When

from wagtail_flows.engine.matching import Cut, Inside
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.promised import NOTHING
from wagtail_flows.engine.subscribing import NOTHING_AWAITED
from wagtail_flows.engine.versions import graphs
from wagtail_flows.lib import bell, clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.step import Step


LEFT = "left"
# What may leave yet: an e-mail in a worker's hands, and one it was given up for, comes back when the server says later.
NOT_GONE = (Delivery.Status.QUEUED, Delivery.Status.SENDING, Delivery.Status.UNCERTAIN)


def inside(contact_ids: Collection[int]) -> dict[int, list[Inside]]:
    """Whom an event may still stop, by contact: those inside, and those at their own end whose last e-mails haven't
    left yet.
    """
    waiting = Delivery.objects.filter(contact_id__in=contact_ids, status__in=NOT_GONE, visit__isnull=False)
    rows = Enrollment.objects.filter(contact_id__in=contact_ids, is_cut_short=False).filter(
        Q(status__in=OPEN) | Q(pk__in=waiting.values("visit__enrollment_id"))
    )
    found = list(rows.order_by("pk"))
    known = graphs(one.version_id for one in found)
    by_contact: dict[int, list[Inside]] = defaultdict(list)
    for one in found:
        is_open = one.status in OPEN
        by_contact[one.contact_id].append(
            Inside(one.pk, one.scenario_id, one.subject, known[one.version_id], is_open=is_open)
        )
    return by_contact


OPEN = (Enrollment.Status.ACTIVE, Enrollment.Status.PARKED)


def cut_short(cuts: Sequence[Cut], now: datetime) -> None:
    """End these enrollments and mark what they queued as not to be sent any more. Under the lock of their contacts.

    Where somebody stood, a last Visit says so, with the event that made them leave. They may enter again at once, as
    far as the trigger's own rule lets them.
    """
    if not cuts:
        return
    rows = Enrollment.objects.filter(pk__in=[cut.enrollment_id for cut in cuts])
    standing = {one.pk: one for one in rows.filter(status__in=OPEN)}
    rows.update(is_cut_short=True)
    Visit.objects.bulk_create(
        [_last_visit(standing[cut.enrollment_id], cut, now) for cut in cuts if cut.enrollment_id in standing]
    )
    for reason, same in groupby(sorted(cuts, key=_reason), key=_reason):
        ids = [cut.enrollment_id for cut in same]
        rows.filter(pk__in=ids, status__in=OPEN).update(**ending(reason, now))


def look_again(*, event_id: int, **kwargs: Any) -> None:
    """Receiver of `corrected`: make due at once whoever this event started, so that a wait that counts from its date is
    counted anew; a moment that a step has chosen and keeps doesn't hang on that date, and holds.
    """
    started = Enrollment.objects.active().filter(trigger_event_id=event_id)
    at = list(started.values_list("pk", "version_id", "step"))
    known = graphs(version_id for _pk, version_id, _step in at)
    keeping = [pk for pk, version_id, step in at if _keeps_moment(known[version_id].by_id.get(step))]
    # All of them are looked at, also who keeps: a runner may just be moving them on, by the old date.
    kept = Case(When(pk__in=keeping, then=F("kept_until")), default=Value(NOTHING))
    started.update(due_at=clock.now(), kept_until=kept)


def _keeps_moment(step: Step | None) -> bool:
    return step is not None and step.keeps_moment


def compute_again(*, contact_ids: Collection[int], name: str, **kwargs: Any) -> None:
    """Receiver of `property_changed`: make due at once who waits for a moment computed from it, so that it is computed
    anew before anything is done by the old one. Under the lock of the contacts.
    """
    waiting = Enrollment.objects.active().filter(contact_id__in=contact_ids, waits_for_property=name)
    if waiting.update(due_at=clock.now(), kept_until=NOTHING):
        bell.ring()


def _reason(cut: Cut) -> str:
    return cut.reason


def ending(reason: str, now: datetime) -> dict[str, Any]:
    """What is written of who leaves before their own end; the last visit counts."""
    return {
        "status": Enrollment.Status.ENDED,
        "ended_at": now,
        "exit_reason": reason,
        "reenter_after": now,
        "due_at": None,
        "error": "",
        "visit_count": F("visit_count") + 1,
        **NOTHING_AWAITED,
    }


def _last_visit(enrollment: Enrollment, cut: Cut, now: datetime) -> Visit:
    return Visit(
        enrollment=enrollment,
        number=enrollment.visit_count + 1,
        step=enrollment.step,
        kind=LEFT,
        entered_at=enrollment.step_entered_at,
        left_at=now,
        outcome=LEFT,
        seen={"kind": cut.reason} if cut.event_id is None else {"event": cut.event_id, "kind": cut.reason},
    )
