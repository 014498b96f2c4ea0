"""Writing what a batch decided: equal moves in one statement, visits in one, e-mails in one, in the batch's own
transaction.
"""

from __future__ import annotations

import uuid

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields, replace
from itertools import islice
from typing import Any, assert_never

from wagtail_flows.contacts.models import MailingList
from wagtail_flows.engine.changing import tell
from wagtail_flows.engine.changing_lists import tell_lists
from wagtail_flows.engine.models import Enrollment, EnrollmentQuerySet, Visit
from wagtail_flows.engine.passage import Left, Passage
from wagtail_flows.engine.subscribing import WAITING
from wagtail_flows.lib.among import among
from wagtail_flows.lib.inserting import Alike, insert_alike
from wagtail_flows.messages.delivery_models import Basis
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.queueing import NewDelivery, Recipient, queue_alike
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


LEFT = tuple(field.name for field in fields(Left))


def write(passages: Sequence[Passage]) -> None:
    """Write the moves, the visits and what is to be sent. The number of statements follows the number of different
    moves.
    """
    _insert_visits(passages)
    _queue(passages)
    _move(passages)
    tell(passages)
    tell_lists(passages)
    _subscribe([passage for passage in passages if passage.is_subscription_changed])


def _insert_visits(passages: Sequence[Passage]) -> None:
    """Store the steps that were left, those that are alike together; tell each passage their ids."""
    groups: dict[Hashable, list[tuple[Passage, Left]]] = defaultdict(list)
    for passage in passages:
        for left in passage.visits:
            groups[_kind_of_visit(passage, left)].append((passage, left))
    ids = iter(insert_alike(Visit, [_visits(alike) for alike in groups.values()]))
    for alike in groups.values():
        for passage, left in alike:
            passage.visit_ids[left.number] = list(islice(ids, len(passage.insiders)))


def _kind_of_visit(passage: Passage, left: Left) -> Hashable:
    # Those who go together came at the same moment; who goes alone came at one of their own.
    moment = left.entered_at if len(passage.insiders) > 1 else None
    return left.number, left.step, left.kind, left.outlet, left.outcome, left.left_at, moment, repr(left.seen)


def _visits(alike: Sequence[tuple[Passage, Left]]) -> Alike[Visit]:
    passage, left = alike[0]
    like = Visit(**{name: getattr(left, name) for name in LEFT})
    if len(passage.insiders) > 1:
        return Alike(like, ("enrollment_id",), [insider[:1] for one, _left in alike for insider in one.insiders])
    return Alike(like, ("enrollment_id", "entered_at"), [(one.enrollment.pk, its.entered_at) for one, its in alike])


def _queue(passages: Sequence[Passage]) -> None:
    sends = [(passage, visit, send) for passage in passages for visit, send in passage.sends]
    if not sends:
        return
    lists = _mailing_lists({send.mailing_list for _passage, _visit, send in sends if send.mailing_list})
    queue_alike([(_wish(passage, visit, send, lists), _recipients(passage, visit)) for passage, visit, send in sends])


def _recipients(passage: Passage, visit: Left) -> list[Recipient]:
    visit_ids = passage.visit_ids[visit.number]
    return [Recipient(insider.contact_id, pk) for insider, pk in zip(passage.insiders, visit_ids, strict=True)]


def _wish(passage: Passage, visit: Left, send: Send | Dispatch, lists: Mapping[str, int]) -> NewDelivery:
    """What is sent to all of them."""
    wish = NewDelivery(
        contact_id=passage.enrollment.contact_id,
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


def _subscribe(passages: Sequence[Passage]) -> None:
    """Write what they wait for from now on, or not any more."""
    alone = [passage.enrollment for passage in passages if len(passage.insiders) == 1]
    if alone:
        Enrollment.objects.bulk_update(alone, list(WAITING))
    for passage in passages:
        if len(passage.insiders) > 1:
            _rows([passage]).update(**{name: getattr(passage.enrollment, name) for name in WAITING})


def _move(passages: Sequence[Passage]) -> None:
    groups: dict[Hashable, list[Passage]] = defaultdict(list)
    for passage in passages:
        at = passage.enrollment
        # Those who go together have one moment; who goes alone has one of their own.
        moment = at.due_at if len(passage.insiders) > 1 else None
        groups[tuple(getattr(at, name) for name in SHARED), moment].append(passage)
    personal: list[Enrollment] = []
    for alike in groups.values():
        changes = {name: getattr(alike[0].enrollment, name) for name in SHARED}
        if len({passage.enrollment.due_at for passage in alike}) == 1:
            changes["due_at"] = alike[0].enrollment.due_at
        else:
            personal += [passage.enrollment for passage in alike]
        _rows(alike).update(**changes)
    if personal:
        Enrollment.objects.bulk_update(personal, ["due_at"])


def _rows(passages: Sequence[Passage]) -> EnrollmentQuerySet:
    return Enrollment.objects.filter(
        among("pk", [one.enrollment_id for passage in passages for one in passage.insiders])
    )
