"""An order's dates into events, each once.

An event is what starts an e-mail, so one is not recorded where it could only start a wrong one: a parcel already known
to be cancelled was not "shipped", and an order known to be cancelled or refunded in full is not "delivered" any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wagtail_flows.contacts.verbs import lock_contacts
from wagtail_flows.events.models import Event
from wagtail_flows.events.recording import NewEvent, correct, record
from wagtail_flows.shop import event_kinds
from wagtail_flows.shop.facts import Status
from wagtail_flows.shop.merging import moment
from wagtail_flows.shop.models import Fulfilment, Order
from wagtail_flows.shop.money import money


# Every event of an order repeats them, and every enrollment keeps them.
MOST_PRODUCTS = 100


@dataclass(frozen=True)
class Happened:
    """One thing that happened to an order, ready to be recorded."""

    kind: str
    dedupe_key: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


def record_events(order: Order) -> None:
    """Record what isn't recorded yet, in the order in which it must be told, and correct what is known better now.

    The order is locked and settled. Without a contact nothing is recorded; once the address is known, all of it is.
    """
    contact_id = order.contact_id
    if contact_id is None or order.placed_at is None:
        return
    # One contact's events are recorded one after the other: the engine matches them in the order of their ids.
    lock_contacts([contact_id])
    source = order.shop.source
    happened, products = list(_happened(order)), _products(order)
    known = _known(source, [*happened, _delivered(order), _withdrawn(order)])
    if _is_withdrawn(order, known):
        happened.append(_withdrawn(order))
    for one in happened:
        event, new = known.get((one.kind, one.dedupe_key)), _new_event(order, contact_id, one, products)
        if event is None:
            record(new)
        elif (event.occurred_at, event.data) != (new.occurred_at, new.data):
            correct(one.kind, source, one.dedupe_key, one.at, new.data)


def _known(source: str, happened: Iterable[Happened]) -> dict[tuple[str, str], Event]:
    """What of this is recorded already, by kind and key."""
    kinds, keys = {one.kind for one in happened}, {one.dedupe_key for one in happened}
    # With the kinds, which the index begins with.
    rows = Event.objects.filter(kind__in=kinds, source=source, dedupe_key__in=keys)
    return {(event.kind, event.dedupe_key): event for event in rows}


def _products(order: Order) -> list[str]:
    """The shop's ids of the products, each once, in the order of the lines; empty until the lines are told."""
    lines = order.lines.filter(is_removed=False).exclude(product_id="").order_by("position", "id")
    return list(dict.fromkeys(lines.values_list("product_id", flat=True)))[:MOST_PRODUCTS]


def _new_event(order: Order, contact_id: int, one: Happened, products: list[str]) -> NewEvent:
    total = money(order.total, order.currency)
    common = {
        "order": str(order.public_id),
        "number": order.number,
        "total": "" if total is None else str(total),
        "currency": order.currency,
        "shop": str(order.shop.public_id),
        "products": products,
    }
    return NewEvent(
        kind=one.kind,
        contact_id=contact_id,
        source=order.shop.source,
        dedupe_key=one.dedupe_key,
        subject=order.subject,
        data={**common, **one.data},
        occurred_at=one.at,
    )


def _happened(order: Order) -> Iterator[Happened]:
    """In the order of telling: `placed` always comes before `cancelled`, and a delivery before a refund."""
    key = f"order:{order.external_id}"
    is_over = order.cancelled_at or order.fully_refunded_at
    if order.placed_at:
        yield Happened(event_kinds.PLACED, f"{key}:placed", order.placed_at)
    if order.paid_at:
        yield Happened(event_kinds.PAID, f"{key}:paid", order.paid_at)
    for parcel in order.fulfilments.order_by("shipped_at", "id"):
        yield from _shipped(parcel)
    if order.delivered_at and not is_over:
        yield _delivered(order)
    if order.cancelled_at:
        yield Happened(event_kinds.CANCELLED, f"{key}:cancelled", order.cancelled_at)
    yield from _refunded(order, key)


def _shipped(parcel: Fulfilment) -> Iterator[Happened]:
    if parcel.shipped_at and parcel.status != Status.CANCELLED and not parcel.is_removed:
        data = {"fulfilment": parcel.external_id, "tracking": parcel.tracking}
        yield Happened(event_kinds.SHIPPED, f"fulfilment:{parcel.external_id}:shipped", parcel.shipped_at, data)


def _delivered(order: Order) -> Happened:
    data = {"is_estimated": order.is_delivery_estimated}
    return Happened(event_kinds.DELIVERED, f"order:{order.external_id}:delivered", _moment(order), data)


def _withdrawn(order: Order) -> Happened:
    return Happened(event_kinds.DELIVERY_WITHDRAWN, f"order:{order.external_id}:delivery_withdrawn", _moment(order))


def _moment(order: Order) -> datetime:
    """When it was delivered; where it isn't any more, when that was told."""
    return next(filter(None, (order.delivered_at, order.told_at, order.placed_at)))


def _is_withdrawn(order: Order, known: Mapping[tuple[str, str], Event]) -> bool:
    """It was told as delivered, and nothing of it has arrived after all: its parcels were cancelled. Told once."""
    if order.delivered_at or order.cancelled_at or order.fully_refunded_at:
        return False
    told, taken_back = ((one.kind, one.dedupe_key) in known for one in (_delivered(order), _withdrawn(order)))
    return told and not taken_back and not order.fulfilments.filter(delivered_at__isnull=False).exists()


def _refunded(order: Order, key: str) -> Iterator[Happened]:
    """A part and the whole are two events: a scenario may stop at the second only."""
    partly = moment(order.told, "partly_refunded")
    if partly:
        yield Happened(event_kinds.REFUNDED, f"{key}:refunded", partly, {"is_full": False})
    if order.fully_refunded_at:
        yield Happened(event_kinds.REFUNDED, f"{key}:refunded_fully", order.fully_refunded_at, {"is_full": True})
