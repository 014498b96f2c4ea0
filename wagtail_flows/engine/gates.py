"""The engine's gates at the hand-over: who left in the meantime gets nothing more, who is no longer in an audience
that is asked again doesn't get this one, and a paused scenario sends nothing for now.

An event that takes somebody out counts from its recording, not from its matching: a runner with many e-mails to hand
over may be at it for a minute before anybody matches again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from wagtail_flows.engine import audiences
from wagtail_flows.engine.audiences import rechecked
from wagtail_flows.engine.entering import NOT_IN_AUDIENCE
from wagtail_flows.engine.matching import reason_to_leave
from wagtail_flows.engine.models import Visit
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.versions import graphs
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages import gates, reasons
from wagtail_flows.messages.gates import Hold, Skip, Verdict
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.publication_model import LEAVING_THE_OLD, Publication


LEFT_SCENARIO = "left_scenario"
PAUSED = "paused"
MOVING = "moving"
COLUMNS = (
    "pk",
    "enrollment__is_cut_short",
    "enrollment__scenario__is_paused",
    "enrollment__contact",
    "enrollment__version",
    "enrollment__version__graph_hash",
    "is_held",
)
# Still inside, in a version that is being left: whether they leave, and their e-mail with them, shows in a moment.
IS_HELD = Exists(
    Publication.objects.filter(
        scenario=OuterRef("enrollment__scenario"),
        inside__in=LEAVING_THE_OLD,
        before__gt=OuterRef("enrollment__version__number"),
    )
) & Q(enrollment__status__in=("active", "parked"))
HELD_WHILE_MOVING = timedelta(minutes=1)
# How often an e-mail of a paused scenario is looked at again.
HELD_FOR = timedelta(minutes=5)


def register() -> None:
    """Put both gates at the hand-over. Doing it again changes nothing."""
    reasons.register(LEFT_SCENARIO, _("Left the scenario before the e-mail was sent."))
    reasons.register(PAUSED, _("The scenario is paused; it will be looked at again."))
    reasons.register(MOVING, _("A new version was published; it will be looked at again."))
    reasons.register(NOT_IN_AUDIENCE, _("Not in the audience of the scenario any more."))
    gates.register(left_or_paused, may_have_left)


def left_or_paused(deliveries: Sequence[Delivery]) -> Mapping[int, Verdict]:
    """Two queries, two more where an event waits to be matched, and those of each audience that is asked again. Ending
    by itself right after the e-mail isn't leaving: only being cut short is.
    """
    by_visit = {delivery.visit_id: delivery.pk for delivery in deliveries if delivery.visit_id is not None}
    if not by_visit:
        return {}
    now = clock.now()
    leaving = _leaving(by_visit, {delivery.contact_id for delivery in deliveries})
    visits = list(Visit.objects.filter(pk__in=by_visit).annotate(is_held=IS_HELD).values(*COLUMNS))
    outside = _outside(visits)
    verdicts = {
        by_visit[visit["pk"]]: _verdict(
            now,
            is_cut_short=visit["enrollment__is_cut_short"] or visit["pk"] in leaving,
            is_paused=visit["enrollment__scenario__is_paused"],
            is_outside=visit["pk"] in outside,
            is_held=visit["is_held"],
        )
        for visit in visits
    }
    return {pk: verdict for pk, verdict in verdicts.items() if verdict is not None}


def may_have_left() -> Q:
    """Cut short, paused, of a scenario that is being published anew, of an audience that is asked again, or of somebody
    with an event that isn't matched yet.
    """
    unmatched = Event.objects.filter(contact=OuterRef("contact"), matched_at__isnull=True)
    published = Publication.objects.filter(scenario=OuterRef("visit__enrollment__scenario"))
    is_stopped = Q(visit__enrollment__is_cut_short=True) | Q(visit__enrollment__scenario__is_paused=True)
    is_asked_again = Q(visit__enrollment__version__graph__audience__recheck=True)
    return is_stopped | is_asked_again | Q(Exists(published)) | Q(Exists(unmatched))


def _outside(visits: Sequence[Mapping[str, Any]]) -> set[int]:
    """The visits of those who aren't in the audience any more, of scenarios that ask again."""
    asked = rechecked({visit["enrollment__version"]: visit["enrollment__version__graph_hash"] for visit in visits})
    if not asked:
        return set()
    people = {visit["pk"]: (visit["enrollment__contact"], asked.get(visit["enrollment__version"])) for visit in visits}
    outside = audiences.outside(people.values())
    return {pk for pk, person in people.items() if person in outside}


def _leaving(visit_ids: Collection[int], contact_ids: Collection[int]) -> set[int]:
    """The visits of those whom an event takes out that is recorded and not matched yet."""
    events: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(contact_id__in=contact_ids, matched_at__isnull=True):
        events[event.contact_id].append(event)
    if not events:
        return set()
    visits = list(Visit.objects.filter(pk__in=visit_ids).select_related("enrollment"))
    known = graphs(visit.enrollment.version_id for visit in visits)
    return {
        visit.pk
        for visit in visits
        for event in events[visit.enrollment.contact_id]
        if reason_to_leave(known[visit.enrollment.version_id], visit.enrollment.subject, snapshot(event))
    }


def _verdict(now: datetime, *, is_cut_short: bool, is_paused: bool, is_outside: bool, is_held: bool) -> Verdict | None:
    if is_cut_short:
        return Skip(LEFT_SCENARIO)
    if is_paused:
        return Hold(now + HELD_FOR, PAUSED)
    if is_outside:
        return Skip(NOT_IN_AUDIENCE)
    return Hold(now + HELD_WHILE_MOVING, MOVING) if is_held else None
