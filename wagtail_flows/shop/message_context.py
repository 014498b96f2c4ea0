"""What an e-mail may say about an order: `order` in the personalization of messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from wagtail_flows.shop.addresses import review_url
from wagtail_flows.shop.facts import Status
from wagtail_flows.shop.models import Order, OrderLine
from wagtail_flows.shop.money import money


PREFIX = "order:"
DATES = ("placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at", "refunded_at")
NAMES = frozenset({"number", "currency", "total", "locale", "tracking", "lines", "shop", *DATES})


def load_orders(subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The orders behind subjects such as `order:<public id>`, each as plain values; unknown subjects are left out.

    The shape is the one that `messages.context` asks for, and `tracking` besides: money and times raw, unknown text "".
    """
    wanted = {found for subject in subjects if (found := order_id(subject))}
    orders = Order.objects.filter(public_id__in=wanted).select_related("shop").prefetch_related("lines", "fulfilments")
    return {order.subject: _told(order) for order in orders}


def order_id(subject: str) -> UUID | None:
    """The public id in a subject such as `order:<public id>`; None for any other subject."""
    if not subject.startswith(PREFIX):
        return None
    try:
        return UUID(subject.removeprefix(PREFIX))
    except ValueError:
        return None


def _told(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "currency": order.currency,
        "total": money(order.total, order.currency),
        "locale": order.locale,
        "site": order.shop.site_id,
        **{name: getattr(order, name) for name in DATES},
        "tracking": _tracking(order),
        "lines": [_line(order, line) for line in _lines(order)],
        "shop": {"name": order.shop.name, "url": order.shop.url},
    }


def _lines(order: Order) -> Iterable[OrderLine]:
    return (line for line in order.lines.all() if not line.is_removed and line.quantity)


def _line(order: Order, line: OrderLine) -> dict[str, Any]:
    values = {
        "product_slug": line.product_slug,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "sku": line.sku,
        "order_number": order.number,
    }
    return {
        "name": line.product_name,
        "variant": line.variant_name,
        "quantity": line.quantity,
        "image_url": line.image_url,
        "sku": line.sku,
        "price": money(line.unit_price, order.currency),
        "review_url": review_url(order.shop.review_url, values),
    }


def _tracking(order: Order) -> str:
    """The number of the parcel that left last."""
    live = [one for one in order.fulfilments.all() if one.status != Status.CANCELLED and not one.is_removed]
    told = [one for one in live if one.tracking]
    return max(told, key=lambda one: (str(one.shipped_at or ""), one.pk)).tracking if told else ""
