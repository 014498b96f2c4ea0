"""Writing what a batch decided: equal moves in one statement, visits in one, e-mails in one, in the batch's own
transaction.
"""

from __future__ import annotations

import uuid

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from wagtail_flows.contacts.models import MailingList
from wagtail_flows.engine.changing import tell
from wagtail_flows.engine.changing_lists import tell_lists
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.passage import Passage
from wagtail_flows.engine.subscribing import WAITING
from wagtail_flows.lib.inserting import insert
from wagtail_flows.messages.delivery_models import Basis
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.queueing import NewDelivery, queue
from wagtail_flows.scenarios.outcomes import Dispatch, Send


# What a move changes. `due_at` is written apart: it is often personal, the rest is shared by many.
SHARED = (
    "step",
    "step_entered_at",
    "status",
    "visit_count",
    "attempts",
    "error",
    "ended_at",
    "exit_reason",
    "reenter_after",
)


def write(passages: Sequence[Passage]) -> None:
    """Write the moves, the visits and what is to be sent. The number of statements follows the number of different
    moves.
    """
    insert(Visit, [visit for passage in passages for visit in passage.visits])
    _queue(passages)
    _move([passage.enrollment for passage in passages])
    tell(passages)
    tell_lists(passages)
    _subscribe([passage.enrollment for passage in passages if passage.is_subscription_changed])


def _queue(passages: Sequence[Passage]) -> None:
    sends = [(passage, visit, send) for passage in passages for visit, send in passage.sends]
    if not sends:
        return
    lists = _mailing_lists({send.mailing_list for _passage, _visit, send in sends if send.mailing_list})
    queue([_wish(passage, visit, send, lists) for passage, visit, send in sends])


def _wish(passage: Passage, visit: Visit, send: Send | Dispatch, lists: Mapping[str, int]) -> NewDelivery:
    wish = NewDelivery(
        contact_id=passage.enrollment.contact_id,
        visit_id=visit.pk,
        scenario_id=passage.enrollment.scenario_id,
        mailing_list_id=lists.get(send.mailing_list or ""),
        context=_context(passage),
        basis=_basis(send, lists),
    )
    match send:
        case Send(message):
            return replace(wish, message_key=uuid.UUID(message), kind=Delivery.Kind.MESSAGE, late=send.late)
        case Dispatch(channel, payload, address, basis):
            context = {**wish.context, "step": visit.step, "payload": dict(payload)}
            why = wish.basis or basis
            kind = Delivery.Kind.DISPATCH
            return replace(wish, kind=kind, channel=channel, address=address, context=context, basis=why)
        case _:
            assert_never(send)


def _mailing_lists(public_ids: set[str]) -> dict[str, int]:
    """The ids of these lists; one that was deleted is missing."""
    found = MailingList.objects.filter(public_id__in=public_ids).values_list("public_id", "pk") if public_ids else ()
    return {str(public_id): pk for public_id, pk in found}


def _basis(send: Send | Dispatch, lists: Mapping[str, int]) -> str:
    """Why one may write; "" for what the message, or the step, says. With its list everybody's leaving it was deleted,
    too: so an e-mail for subscribers of a list that is gone is for nobody, and is skipped for that, where its people go
    on.
    """
    is_gone = send.mailing_list is not None and send.mailing_list not in lists
    return Basis.SUBSCRIPTION if is_gone else ""


def _context(passage: Passage) -> dict[str, Any]:
    """What the e-mail may speak of: the subject of the enrollment, and the data of the event that started it."""
    data = passage.enrollment.data if passage.event is None else dict(passage.event.data)
    return {"subject": passage.enrollment.subject, "event": data}


def _subscribe(enrollments: Sequence[Enrollment]) -> None:
    """Write what they wait for from now on, or not any more."""
    if enrollments:
        Enrollment.objects.bulk_update(enrollments, list(WAITING))


def _move(enrollments: Sequence[Enrollment]) -> None:
    groups: dict[tuple[Any, ...], list[Enrollment]] = defaultdict(list)
    for enrollment in enrollments:
        groups[tuple(getattr(enrollment, name) for name in SHARED)].append(enrollment)
    personal: list[Enrollment] = []
    for values, alike in groups.items():
        changes = dict(zip(SHARED, values, strict=True))
        moments = {enrollment.due_at for enrollment in alike}
        if len(moments) == 1:
            changes["due_at"] = moments.pop()
        else:
            personal += alike
        Enrollment.objects.filter(pk__in=[enrollment.pk for enrollment in alike]).update(**changes)
    if personal:
        Enrollment.objects.bulk_update(personal, ["due_at"])
