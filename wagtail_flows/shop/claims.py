"""Facts into claims: which field of which row one message speaks for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from wagtail_flows.shop.facts import CustomerFact, FulfilmentFact, LineFact, Moment, OrderFact, Status
from wagtail_flows.shop.merging import Claim, first


ORDER_FIELDS = (
    "number",
    "status",
    "origin",
    "created_at",
    "address",
    "locale",
    "channel",
    "currency",
    "total",
    "metadata",
)
LINE_FIELDS = (
    "product_name", "variant_name", "sku", "variant_id", "product_id", "product_slug", "category", "image_url",
    "quantity", "quantity_settled", "unit_price",
)  # fmt: skip
FULFILMENT_FIELDS = ("status", "tracking", "created_at", "lines")
# When a list was told as a whole: what it doesn't hold and nobody told since has been removed.
LINES_LISTED, FULFILMENTS_LISTED, SEEN = "lines_listed", "fulfilments_listed", "seen"


def order_claims(fact: OrderFact, at: datetime) -> Iterator[Claim]:
    """What is claimed about the order itself, without its lines and parcels."""
    for field in ORDER_FIELDS:
        yield Claim(field, getattr(fact, field), at)
    happened = {
        "placed": not fact.is_draft,
        "paid": fact.is_paid,
        "cancelled": fact.is_cancelled,
        "partly_refunded": fact.is_partly_refunded,
        "fully_refunded": fact.is_fully_refunded,
    }
    yield from (first(field, at) for field, has_happened in happened.items() if has_happened)
    yield from _delivered(fact.delivered, at)
    if fact.lines is not None:
        yield Claim(LINES_LISTED, True, at)
    if fact.fulfilments is not None:
        yield Claim(FULFILMENTS_LISTED, True, at)


def line_claims(fact: LineFact, position: int, at: datetime) -> Iterator[Claim]:
    yield Claim(SEEN, True, at)
    yield Claim("position", position, at)
    for field in LINE_FIELDS:
        yield Claim(field, getattr(fact, field), at)


def fulfilment_claims(fact: FulfilmentFact, at: datetime) -> Iterator[Claim]:
    yield Claim(SEEN, True, at)
    for field in FULFILMENT_FIELDS:
        yield Claim(field, getattr(fact, field), at)
    if fact.status == Status.WAITING:
        yield first("waited", at)
    elif fact.status in {None, Status.FULFILLED}:
        yield first("shipped", at)
    yield from _delivered(fact.delivered, at)


def customer_claims(fact: CustomerFact, at: datetime) -> Iterator[Claim]:
    """A name told by the account outranks one typed at a checkout; with the language, which the checkout shows, it's
    the reverse.
    """
    of_name, of_locale = (2, 1) if fact.is_account else (1, 2)
    yield Claim("first_name", fact.first_name, at, of_name)
    yield Claim("last_name", fact.last_name, at, of_name)
    yield Claim("locale", fact.locale, at, of_locale)


def _delivered(told: Moment | None, at: datetime) -> Iterator[Claim]:
    """That it arrived: known since the first who said so. When it arrived: by the newest who gave a date."""
    if told is not None:
        yield first("delivered", at)
        yield Claim("delivered_on", told.at, at)
