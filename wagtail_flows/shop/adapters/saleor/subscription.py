"""Bodies of webhooks with a subscription query: camelCase, enums in capitals, amounts as JSON numbers."""

from __future__ import annotations

from collections.abc import Mapping
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
    money = _money(order)
    metadata = values.metadata(order.get("metadata"))
    fulfilments = _fulfilments(order.get("fulfillments"))
    return OrderFact(
        external_id=external_id,
        number=values.filled(order.get("number"), 60),
        status=status,
        origin=values.word(order.get("origin")),
        is_draft=is_draft(event, status),
        created_at=values.moment(order.get("created")),
        address=values.filled(order.get("userEmail"), 254)
        or values.filled(mapping(order.get("user")).get("email"), 254),
        locale=values.locale(order.get("languageCodeEnum")) or values.locale(order.get("languageCode")),
        channel=values.filled(mapping(order.get("channel")).get("slug"), 120),
        currency=_currency(order),
        total=values.amount(_gross(order.get("total")).get("amount")),
        metadata=metadata,
        is_paid=is_paid(event, money),
        is_cancelled=is_cancelled(event, status),
        is_partly_refunded=is_partly_refunded(event, money),
        is_fully_refunded=is_fully_refunded(event, money),
        delivered=values.delivered(metadata),
        lines=_lines(order.get("lines"), fulfilments),
        fulfilments=None if fulfilments is None else tuple(one for one in fulfilments if is_parcel(one)),
    )


def fulfilment_fact(fulfilment: Mapping[str, Any]) -> FulfilmentFact | None:
    """One parcel, or None where it has no id."""
    external_id = values.identity(fulfilment.get("id"))
    if external_id is None:
        return None
    return FulfilmentFact(
        external_id=external_id,
        status=values.word(fulfilment.get("status")),
        tracking=values.text(fulfilment.get("trackingNumber")),
        created_at=values.moment(fulfilment.get("created")),
        delivered=values.delivered(values.metadata(fulfilment.get("metadata"))),
        lines=_fulfilment_lines(fulfilment.get("lines")),
    )


def customers(order: Mapping[str, Any], fact: OrderFact) -> tuple[CustomerFact, ...]:
    """Who ordered: the account, and what was typed at the checkout."""
    account = account_fact(mapping(order.get("user")))
    names = mapping(order.get("billingAddress")) or mapping(order.get("shippingAddress"))
    typed = fact.address and CustomerFact(
        fact.address, values.filled(names.get("firstName"), 150), values.filled(names.get("lastName"), 150), fact.locale
    )
    return tuple(one for one in (account, typed) if one)


def account_fact(user: Mapping[str, Any]) -> CustomerFact | None:
    """The customer's account, or None where it has no address."""
    address = values.filled(user.get("email"), 254)
    if address is None:
        return None
    return CustomerFact(
        address,
        values.filled(user.get("firstName"), 150),
        values.filled(user.get("lastName"), 150),
        values.locale(user.get("languageCode")),
        is_account=True,
    )


def _money(order: Mapping[str, Any]) -> Money:
    told = order.get("isPaid")
    return Money(
        values.word(order.get("paymentStatus")),
        values.word(order.get("chargeStatus")),
        told if isinstance(told, bool) else None,
    )


def _gross(price: Any) -> Mapping[str, Any]:
    return mapping(mapping(price).get("gross"))


def _currency(order: Mapping[str, Any]) -> str | None:
    of_channel = mapping(order.get("channel")).get("currencyCode")
    return values.currency(_gross(order.get("total")).get("currency")) or values.currency(of_channel)


def _lines(value: Any, fulfilments: tuple[FulfilmentFact, ...] | None) -> tuple[LineFact, ...] | None:
    lines = values.objects(value)
    if lines is None:
        return None
    facts = (_line(line, fulfilments) for line in lines)
    return tuple(fact for fact in facts if fact)


def _line(line: Mapping[str, Any], fulfilments: tuple[FulfilmentFact, ...] | None) -> LineFact | None:
    external_id = values.identity(line.get("id"))
    if external_id is None:
        return None
    variant = mapping(line.get("variant"))
    product = mapping(variant.get("product"))
    picture = mapping(line.get("thumbnail")) or mapping(product.get("thumbnail"))
    told = values.quantity(line.get("quantityFulfilled"))
    return LineFact(
        external_id=external_id,
        product_name=values.filled(line.get("translatedProductName")) or values.filled(line.get("productName")),
        variant_name=values.variant_name(line.get("translatedVariantName") or line.get("variantName")),
        sku=values.filled(line.get("productSku"), 120) or values.filled(variant.get("sku"), 120),
        variant_id=values.identity(variant.get("id")),
        product_id=values.identity(product.get("id")),
        product_slug=values.filled(product.get("slug")),
        category=values.filled(mapping(product.get("category")).get("slug")),
        image_url=values.web_address(picture.get("url")),
        quantity=values.quantity(line.get("quantity")),
        quantity_settled=settled(fulfilments, external_id) if told is None else told,
        unit_price=values.amount(_gross(line.get("unitPrice")).get("amount")),
    )


def _fulfilments(value: Any) -> tuple[FulfilmentFact, ...] | None:
    found = values.objects(value)
    if found is None:
        return None
    return tuple(fact for one in found if (fact := fulfilment_fact(one)))


def _fulfilment_lines(value: Any) -> tuple[tuple[str, int], ...] | None:
    lines = values.objects(value)
    if lines is None:
        return None
    counts: dict[str, int] = {}
    for line in lines:
        order_line = values.identity(mapping(line.get("orderLine")).get("id"))
        count = values.quantity(line.get("quantity"))
        if order_line is None or count is None:
            return None
        counts[order_line] = min(counts.get(order_line, 0) + count, values.LARGEST_QUANTITY)
    return tuple(sorted(counts.items()))
