"""Bodies of webhooks without a query: a list of one object, snake_case, amounts as strings.

They tell less: no product, no picture, no account behind an order, and no order line behind the line of a parcel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wagtail_flows.shop.adapters.saleor import values
from wagtail_flows.shop.adapters.saleor.states import (
    Money,
    is_cancelled,
    is_draft,
    is_fully_refunded,
    is_paid,
    is_parcel,
    is_partly_refunded,
    settled,
)
from wagtail_flows.shop.adapters.saleor.values import mapping
from wagtail_flows.shop.facts import CustomerFact, FulfilmentFact, LineFact, OrderFact


def order_fact(event: str, order: Mapping[str, Any]) -> OrderFact | None:
    """The order, or None where it has no id."""
    external_id = values.identity(order.get("id"))
    if external_id is None:
        return None
    status = values.word(order.get("status"))
    money = _money(order.get("payments"))
    metadata = values.metadata(order.get("metadata"))
    lines = _lines(order.get("lines"))
    fulfilments = _fulfilments(order.get("fulfillments"), lines)
    return OrderFact(
        external_id=external_id,
        number=values.filled(order.get("number"), 60),
        status=status,
        origin=values.word(order.get("origin")),
        is_draft=is_draft(event, status),
        created_at=values.moment(order.get("created")),
        address=values.filled(order.get("user_email"), 254),
        locale=values.locale(order.get("language_code")),
        channel=values.filled(mapping(order.get("channel")).get("slug"), 120),
        currency=_currency(order),
        total=values.amount(order.get("total_gross_amount")),
        metadata=metadata,
        is_paid=is_paid(event, money),
        is_cancelled=is_cancelled(event, status),
        is_partly_refunded=is_partly_refunded(event, money),
        is_fully_refunded=is_fully_refunded(event, money),
        delivered=values.delivered(metadata),
        lines=lines and tuple(replace(one, quantity_settled=settled(fulfilments, one.external_id)) for one in lines),
        fulfilments=None if fulfilments is None else tuple(one for one in fulfilments if is_parcel(one)),
    )


def customers(order: Mapping[str, Any], fact: OrderFact) -> tuple[CustomerFact, ...]:
    """Who ordered, by what was typed at the checkout: this shape never shows the account."""
    if fact.address is None:
        return ()
    names = mapping(order.get("billing_address")) or mapping(order.get("shipping_address"))
    return (CustomerFact(fact.address, *_names(names), fact.locale),)


def account_fact(user: Mapping[str, Any]) -> CustomerFact | None:
    """The customer's account, or None where it has no address."""
    address = values.filled(user.get("email"), 254)
    if address is None:
        return None
    return CustomerFact(address, *_names(user), values.locale(user.get("language_code")), is_account=True)


def _names(person: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return values.filled(person.get("first_name"), 150), values.filled(person.get("last_name"), 150)


def _money(payments: Any) -> Money:
    """One word for all active payments: "partially" where they differ, silent where there are none (transactions)."""
    found = values.objects(payments) or []
    words = {values.word(payment.get("charge_status")) for payment in found if payment.get("is_active") is not False}
    if words == {"fully_charged"} or words == {"fully_refunded"}:
        return Money(payment=words.pop())
    if words & {"partially_refunded", "fully_refunded"}:
        return Money(payment="partially_refunded")
    return Money(payment="partially_charged") if words else Money()


def _currency(order: Mapping[str, Any]) -> str | None:
    """An order has none of its own here: that of its channel, or else of its lines."""
    of_channel = values.currency(mapping(order.get("channel")).get("currency_code"))
    of_lines = (values.currency(line.get("currency")) for line in values.objects(order.get("lines")) or ())
    return of_channel or next(filter(None, of_lines), None)


def _lines(value: Any) -> tuple[LineFact, ...] | None:
    lines = values.objects(value)
    if lines is None:
        return None
    return tuple(fact for line in lines if (fact := _line(line)))


def _line(line: Mapping[str, Any]) -> LineFact | None:
    external_id = values.identity(line.get("id"))
    if external_id is None:
        return None
    return LineFact(
        external_id=external_id,
        product_name=values.filled(line.get("translated_product_name")) or values.filled(line.get("product_name")),
        variant_name=values.variant_name(line.get("translated_variant_name") or line.get("variant_name")),
        sku=values.filled(line.get("product_sku"), 120),
        variant_id=values.identity(line.get("product_variant_id")),
        quantity=values.quantity(line.get("quantity")),
        unit_price=values.amount(line.get("unit_price_gross_amount")),
    )


def _fulfilments(value: Any, lines: tuple[LineFact, ...] | None) -> tuple[FulfilmentFact, ...] | None:
    """Every fulfilment. Their lines name a variant only: each takes in turn from the order's lines of that variant."""
    found = values.objects(value)
    if found is None:
        return None
    free = [[line.variant_id, line.external_id, line.quantity or 0] for line in lines or ()]
    facts = (_fulfilment(one, None if lines is None else free) for one in sorted(found, key=_by_id))
    return tuple(fact for fact in facts if fact)


def _by_id(fulfilment: Mapping[str, Any]) -> tuple[int, str]:
    """Older first: ids are numbers in disguise, so the shorter comes first."""
    external_id = str(fulfilment.get("id"))
    return len(external_id), external_id


def _fulfilment(fulfilment: Mapping[str, Any], free: list[list[Any]] | None) -> FulfilmentFact | None:
    external_id = values.identity(fulfilment.get("id"))
    if external_id is None:
        return None
    status = values.word(fulfilment.get("status"))
    # What was cancelled is free again, so it takes from a copy.
    taken_from = free and ([row[:] for row in free] if status == "canceled" else free)
    return FulfilmentFact(
        external_id=external_id,
        status=status,
        tracking=values.text(fulfilment.get("tracking_number")),
        created_at=values.moment(fulfilment.get("created")),
        lines=_fulfilment_lines(fulfilment.get("lines"), taken_from),
    )


def _fulfilment_lines(value: Any, free: list[list[Any]] | None) -> tuple[tuple[str, int], ...] | None:
    lines = values.objects(value)
    if lines is None or free is None:
        return None
    counts: dict[str, int] = {}
    for line in lines:
        left = values.quantity(line.get("quantity")) or 0
        for row in free:
            if left and row[2] and row[0] == line.get("product_variant_id"):
                taken = min(left, row[2])
                row[2] -= taken
                left -= taken
                counts[row[1]] = counts.get(row[1], 0) + taken
    return tuple(sorted(counts.items()))
