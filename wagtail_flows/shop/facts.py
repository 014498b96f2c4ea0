"""What one message of a shop told, in our own words. Frozen and pure: adapters make facts, `apply` merges them.

`None` always means "not told" and never erases anything. All moments are aware. Which shop it was, and in which shape
it told, can't be seen here: two messages that tell the same make equal facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wagtail_flows.exceptions import FlowsError


class UnreadableWebhook(FlowsError):
    """The body can't be understood; the message says where. Trying again can't help, unless the reading is mended
    first.
    """


@dataclass(frozen=True)
class Moment:
    """When something happened. `at` is None where it is told that it happened, but not when."""

    at: datetime | None = None


@dataclass(frozen=True)
class CustomerFact:
    """Who bought. `is_account`: told by the customer's account, not by an address typed at the checkout."""

    address: str
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    is_account: bool = False


@dataclass(frozen=True)
class LineFact:
    """One line. `quantity_settled`: how many need no more shipping (shipped, or refunded before they were)."""

    external_id: str
    product_name: str | None = None
    variant_name: str | None = None
    sku: str | None = None
    variant_id: str | None = None
    product_id: str | None = None
    product_slug: str | None = None
    category: str | None = None
    image_url: str | None = None
    quantity: int | None = None
    quantity_settled: int | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True)
class FulfilmentFact:
    """One parcel. `lines` are (order line, quantity), `status` a word of `Status` below or any other of the shop."""

    external_id: str
    status: str | None = None
    tracking: str | None = None
    created_at: datetime | None = None
    delivered: Moment | None = None
    lines: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True)
class OrderFact:
    """One order as one message showed it. `lines` and `fulfilments` are complete where they are told at all."""

    external_id: str
    number: str | None = None
    status: str | None = None
    origin: str | None = None
    is_draft: bool = False
    created_at: datetime | None = None
    address: str | None = None
    locale: str | None = None
    channel: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    metadata: tuple[tuple[str, str], ...] | None = None
    is_paid: bool = False
    is_cancelled: bool = False
    is_partly_refunded: bool = False
    is_fully_refunded: bool = False
    delivered: Moment | None = None
    lines: tuple[LineFact, ...] | None = None
    fulfilments: tuple[FulfilmentFact, ...] | None = None


@dataclass(frozen=True)
class Told:
    """Everything one message told, and when it was said. Neither order nor customer: nothing that we use yet."""

    event: str
    told_at: datetime
    order: OrderFact | None = None
    # A parcel told by itself, without the order's complete list.
    fulfilment: FulfilmentFact | None = None
    customers: tuple[CustomerFact, ...] = ()
    note: str = ""


class Status:
    """The words for a state that rules look at; adapters translate into them."""

    DRAFT = "draft"
    CANCELLED = "canceled"
    EXPIRED = "expired"
    FULFILLED = "fulfilled"
    WAITING = "waiting_for_approval"
    # What Saleor keeps as "fulfilments", but no parcel ever left: the other side of a refund or a return.
    NOT_PARCELS = frozenset({"refunded", "returned", "replaced", "refunded_and_returned"})
