"""What a state means: paid, cancelled, refunded. The two shapes of an order are read by the same rules."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_flows.shop.adapters.saleor.values import LARGEST_QUANTITY
from wagtail_flows.shop.facts import FulfilmentFact, Status


CANCELLING_EVENTS = frozenset({"order_cancelled", "order_expired"})
NOT_SHIPPED = frozenset({Status.CANCELLED, Status.WAITING})


@dataclass(frozen=True)
class Money:
    """What a body tells about payment: `paymentStatus` and `chargeStatus` as words, and `isPaid`; None is not told."""

    payment: str | None = None
    charge: str | None = None
    is_paid: bool | None = None

    @property
    def is_silent(self) -> bool:
        return self.payment is None and self.charge is None and self.is_paid is None


def is_draft(event: str, status: str | None) -> bool:
    return status == Status.DRAFT if status else event.startswith("draft_order")


def is_cancelled(event: str, status: str | None) -> bool:
    """An order that expired unpaid ended like a cancelled one. The state, where told, outweighs the event's name."""
    return status in {Status.CANCELLED, Status.EXPIRED} if status else event in CANCELLING_EVENTS


def is_paid(event: str, money: Money) -> bool:
    """Paid in full. `order_paid` is not enough: Saleor sends it for a part, too."""
    if money.is_silent:
        return event == "order_fully_paid"
    return bool(money.is_paid) or money.payment == "fully_charged" or money.charge in {"full", "overcharged"}


def is_fully_refunded(event: str, money: Money) -> bool:
    if money.payment == "fully_refunded" or event == "order_fully_refunded":
        return True
    return event == "order_refunded" and money.charge == "none"


def is_partly_refunded(event: str, money: Money) -> bool:
    told = money.payment == "partially_refunded" or event == "order_refunded"
    return told and not is_fully_refunded(event, money)


def is_parcel(fulfilment: FulfilmentFact) -> bool:
    return fulfilment.status not in Status.NOT_PARCELS


def settled(fulfilments: tuple[FulfilmentFact, ...] | None, line_id: str) -> int | None:
    """How many of a line need no more shipping, by the complete list of fulfilments; None where it wasn't told."""
    if fulfilments is None or any(one.lines is None for one in fulfilments):
        return None
    shipped = (one.lines for one in fulfilments if one.status not in NOT_SHIPPED)
    return min(sum(count for lines in shipped for line, count in lines or () if line == line_id), LARGEST_QUANTITY)
