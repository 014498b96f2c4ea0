"""Bodies as Saleor's subscription shape makes them, for what the recordings don't hold."""

import json

from datetime import UTC, datetime, timedelta
from typing import Any

from wagtail_flows.lib import clock
from wagtail_flows.shop.applying import apply_waiting
from wagtail_flows.shop.models import Order, ReceivedWebhook, Shop
from wagtail_flows.shop.receiving import digest_of


START = datetime(2026, 3, 1, 9, tzinfo=UTC)
ORDER_ID = "T3JkZXI6MQ=="


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def line(name: str, quantity: int, fulfilled: int | None = None) -> dict[str, Any]:
    return {
        "id": f"line-{name}",
        "productName": name,
        "quantity": quantity,
        "quantityFulfilled": fulfilled,
        "unitPrice": {"gross": {"amount": 10.5, "currency": "EUR"}},
        "variant": {"id": f"variant-{name}", "product": {"id": f"product-{name}", "slug": f"slug-{name}"}},
    }


def parcel(number: int, status: str = "FULFILLED", minutes: float = 10, **told: Any) -> dict[str, Any]:
    lines = [{"quantity": count, "orderLine": {"id": f"line-{name}"}} for name, count in told.pop("holds", {}).items()]
    return {
        "id": f"parcel-{number}",
        "status": status,
        "trackingNumber": "",
        "created": at(minutes),
        "lines": lines,
        **told,
    }


def metadata(**pairs: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs.items()]


def order(status: str = "UNFULFILLED", **told: Any) -> dict[str, Any]:
    return {
        "id": ORDER_ID,
        "number": "1",
        "status": status,
        "origin": "CHECKOUT",
        "created": at(0),
        "userEmail": "guest@example.org",
        "languageCodeEnum": "FR",
        "total": {"gross": {"amount": 21, "currency": "EUR"}},
        "lines": [line("tea", 2, 0)],
        "fulfillments": [],
        **told,
    }


def event(typename: str, minutes: float, of: dict[str, Any], **told: Any) -> bytes:
    return json.dumps({"__typename": typename, "issuedAt": at(minutes), "order": of, **told}).encode()


def apply(shop: Shop, *bodies: bytes) -> Order | None:
    """Store and apply these, and return the order."""
    now = clock.now()
    for body in bodies:
        name = "order_updated"
        ReceivedWebhook.objects.create(
            shop=shop, event=name, digest=digest_of(name, body), size=len(body), body=body, received_at=now, due_at=now
        )
        apply_waiting(now, None)
    failed = ReceivedWebhook.objects.exclude(status__in=["applied", "ignored"])
    assert not failed, [row.reason for row in failed]
    return Order.objects.filter(shop=shop).first()
