"""What a person does to people inside: let a parked one try again, skip a wait, take out.

Each is under the lock of the contacts, so it never happens between a runner's decision and its writing, and each is a
conditional update whose row count is the answer: who has left meanwhile isn't brought back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.verbs import lock_contacts
from wagtail_flows.engine.answers import answer
from wagtail_flows.engine.listening import LEFT, OPEN, ending
from wagtail_flows.engine.loading import name_contacts, passages
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.passage import Passage
from wagtail_flows.engine.promised import promised_or_nothing
from wagtail_flows.engine.starting import in_portions
from wagtail_flows.engine.writing import write
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import bell
from wagtail_flows.lib.db import locked
from wagtail_flows.scenarios.outcomes import Continue, Wait, WaitForEvent


TAKEN_OUT = "taken_out"
BY_HAND = {"by_hand": True}
# By which way one goes on who is spared the rest of a wait, the best first.
WAYS_ON = ("next", "timeout")


class NotParked(FlowsError):
    """This enrollment doesn't need attention any more: look at its state again."""


class NotInside(FlowsError):
    """This contact has left the scenario already: look at the enrollment again."""


class NotWaiting(FlowsError):
    """This contact isn't waiting at this moment: look at the enrollment again."""


def try_again(enrollment_ids: Iterable[int], now: datetime) -> int:
    """Let parked enrollments go on from the step where they stand, with all their attempts. How many there were."""
    tried = 0
    for ids in in_portions(enrollment_ids):
        with transaction.atomic():
            _lock(ids)
            parked = Enrollment.objects.filter(pk__in=ids, status=Enrollment.Status.PARKED)
            tried += parked.update(
                status=Enrollment.Status.ACTIVE, due_at=now, kept_until=promised_or_nothing(), attempts=0, error=""
            )
            bell.ring()
    return tried


def take_out(enrollment_ids: Iterable[int], now: datetime) -> int:
    """End enrollments, active or parked, before their own end: what they queued doesn't leave any more. How many.

    A last Visit says so. They may come in again at once, as far as the trigger's own rule lets them.
    """
    taken = 0
    for ids in in_portions(enrollment_ids):
        with transaction.atomic():
            _lock(ids)
            inside = locked(Enrollment.objects.filter(pk__in=ids, status__in=OPEN).order_by("pk"))
            visits = [_last_visit(one, now) for one in inside]
            Visit.objects.bulk_create(visits)
            rows = Enrollment.objects.filter(pk__in=[visit.enrollment_id for visit in visits])
            taken += rows.update(is_cut_short=True, **ending(TAKEN_OUT, now))
    return taken


def skip_wait(enrollment_id: int, now: datetime) -> None:
    """Let one who waits go on now, as if the time were over. Raises NotWaiting."""
    with transaction.atomic():
        _lock([enrollment_id])
        waiting = locked(Enrollment.objects.active().filter(pk=enrollment_id, due_at__gt=now))
        if not waiting.values_list("pk"):
            raise NotWaiting(_("This contact isn't waiting any more."))
        [passage] = passages([enrollment_id])
        name_contacts([passage])
        way = _way_on(passage, now)
        if way is None:
            raise NotWaiting(_("The rest of this step can't be skipped."))
        passage.enrollment.kept_until = None
        passage.act(Continue(way), now, BY_HAND)
        write([passage])
        bell.ring()


def _way_on(passage: Passage, now: datetime) -> str | None:
    """The outlet by which one goes on whose wait is skipped. None where the step doesn't wait: what it does must not be
    skipped with it.
    """
    step = passage.graph.by_id.get(passage.enrollment.step)
    if step is None:
        return None
    contact_id = passage.enrollment.contact_id
    answers = answer(step.questions(), [contact_id], passage.scenario).get(contact_id, {})
    if not isinstance(step.decide(passage.situation(now, answers)), Wait | WaitForEvent):
        return None
    return next((way for way in WAYS_ON if way in step.outlets), None)


def _lock(enrollment_ids: Iterable[int]) -> None:
    """Lock the contacts of these enrollments, waiting for a runner that holds them."""
    contact_ids = Enrollment.objects.filter(pk__in=list(enrollment_ids)).values_list("contact_id", flat=True)
    lock_contacts(contact_ids)


def _last_visit(enrollment: Enrollment, now: datetime) -> Visit:
    return Visit(
        enrollment=enrollment,
        number=enrollment.visit_count + 1,
        step=enrollment.step,
        kind=LEFT,
        entered_at=enrollment.step_entered_at,
        left_at=now,
        outcome=LEFT,
        seen=BY_HAND,
    )
