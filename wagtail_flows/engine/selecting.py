"""Also who matches now: bringing in whom the triggers of a new version would have brought in already.

Each comes in by the key that the trigger itself would have used, and who came in by the same thing before doesn't once
more. One transaction a portion moves the mark on, under the lock of its contacts: a crash, or another runner, finds
where to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_never

from django.db import transaction
from django.db.models import Exists, OuterRef

from wagtail_flows.conf import conf
from wagtail_flows.engine.audiences import everybody
from wagtail_flows.engine.brakes.hours import note_let_in
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.engine.selections.days import Days
from wagtail_flows.engine.selections.events import PastEvents
from wagtail_flows.engine.selections.members import Members
from wagtail_flows.engine.selections.nobody import NobodyAtAll
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.selections.subscribers import Subscribers
from wagtail_flows.engine.selections.values import Values
from wagtail_flows.engine.starting import Occasion, bring_in, lock
from wagtail_flows.lib import clock
from wagtail_flows.lib.among import among
from wagtail_flows.lib.collecting import without_collecting
from wagtail_flows.lib.db import skip_locked
from wagtail_flows.lib.time_budget import TookTooLong, within
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.already import HadEvent, HasValue, InSegment, Nobody, OnItsDay, Subscribed
from wagtail_flows.scenarios.graph import Graph, dump
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.prospect import Matching
from wagtail_flows.scenarios.publication_model import Publication
from wagtail_flows.scenarios.publishing import listening_since, what_it_hears
from wagtail_flows.scenarios.triggers.date import DateTrigger


# So many batches at once: nobody waits for each of these, and a larger portion costs less for each.
PORTIONS = 4
SECONDS_TO_COUNT = 3.0


def selection_of(listener: ListeningTrigger, published_at: datetime) -> Selection:
    """Whom this trigger would have brought in already."""
    already = listener.trigger.already()
    match already:
        case HadEvent():
            return PastEvents(listener)
        case Subscribed(lists):
            return Subscribers(listener, lists)
        case InSegment(segment):
            return Members(listener, segment)
        case HasValue(name, value):
            return Values(listener, name, value)
        case OnItsDay():
            trigger = listener.trigger
            return Days(listener, trigger, published_at) if isinstance(trigger, DateTrigger) else NobodyAtAll(listener)
        case Nobody():
            return NobodyAtAll(listener)
        case _:
            assert_never(already)


def count_matching(scenario: Scenario, graph: Graph) -> list[Matching]:
    """How many people at most would come in by each trigger of this draft, were it published now. One query a trigger,
    which is given up where it takes too long.
    """
    now = clock.now()
    earlier = listening_since(scenario, dump(graph))
    found: list[Matching] = []
    for trigger in graph.triggers:
        since = datetime.fromisoformat(earlier[trigger.id]) if trigger.id in earlier else now
        selection = selection_of(ListeningTrigger(scenario.pk, 0, trigger, graph, since), now)
        try:
            with within(SECONDS_TO_COUNT):
                found.append(Matching(trigger.id, _count(selection)))
        except TookTooLong:
            found.append(Matching(trigger.id, None))
    return found


def _count(selection: Selection) -> int:
    """People, each once, of the audience; without those whom the same brought in before."""
    column, listener = selection.contact, selection.listener
    before = Enrollment.objects.filter(scenario=listener.scenario_id, contact=OuterRef(column))
    if isinstance(selection, PastEvents):
        before = before.filter(trigger_event=OuterRef("pk"))
    rows = selection.rows().filter(~Exists(before))
    if listener.graph.audience is not None:
        rows = rows.filter(**{f"{column}__in": everybody(listener.graph.audience).order_by().values("pk")})
    return rows.order_by().values(column).distinct().count()


def bring_in_matching(publication: Publication, now: datetime, until: float | None) -> int:
    """Bring in who matches the triggers of this publication, in portions; how many came in."""
    came_in = 0
    while publication.intake:
        portion = _bring_in_portion(publication, now)
        if portion is None:
            break
        came_in += portion
        if is_over(until):
            break
    return came_in


def _bring_in_portion(publication: Publication, now: datetime) -> int | None:
    """The next portion in one transaction; None where another runner is at it."""
    with without_collecting(), transaction.atomic():
        row = skip_locked(Publication.objects.filter(pk=publication.pk)).first()
        if row is None or row.intake != publication.intake:
            return None
        first, *rest = row.intake
        listener = _listening_now(row, first["trigger"])
        came_in, mark = _bring_in(selection_of(listener, row.published_at), first["mark"], now) if listener else (0, 0)
        row.intake = [{**first, "mark": mark}, *rest] if mark else rest
        row.save(update_fields=["intake"])
        note_let_in(row.scenario_id, came_in, now)
    publication.intake = row.intake
    return came_in


def _bring_in(selection: Selection, after: int, now: datetime) -> tuple[int, int]:
    """How many came in, and up to where it is done; 0: to the end."""
    rows = selection.portion(after, conf.BATCH_SIZE * PORTIONS)
    if not rows:
        return 0, 0
    marks = [mark for mark, _contact_id in rows]
    contacts = lock({contact_id for _mark, contact_id in rows})
    occasions = _new(selection.listener, selection.occasions(marks, contacts))
    came_in = bring_in(selection.listener, occasions, contacts, now) if occasions else 0
    return came_in, marks[-1]


def _new(listener: ListeningTrigger, occasions: Sequence[Occasion]) -> list[Occasion]:
    """Those that brought nobody in before: the event itself, or else anything about the same subject."""
    events = [one.event_id for one in occasions if one.event_id is not None]
    without = {(one.contact_id, one.subject) for one in occasions if one.event_id is None}
    before = Enrollment.objects.filter(scenario_id=listener.scenario_id)
    started: set[Any] = set()
    if events:
        started |= set(before.filter(among("trigger_event_id", events)).values_list("trigger_event_id", flat=True))
    if without and not isinstance(listener.trigger, DateTrigger):
        contacts = sorted({contact_id for contact_id, _subject in without})
        started |= set(before.filter(among("contact_id", contacts)).values_list("contact_id", "subject"))
    return [one for one in occasions if (one.event_id or (one.contact_id, one.subject)) not in started]


def _listening_now(publication: Publication, trigger: dict[str, Any]) -> ListeningTrigger | None:
    """The trigger as the version that is current now has it, which may have been published since; None where it is
    gone, or nobody comes in any more.
    """
    return live.listening_like(publication.scenario_id, what_it_hears(trigger))
