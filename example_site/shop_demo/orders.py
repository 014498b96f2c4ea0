"""The demo shop's orders: one file each, in the very shape in which Saleor's webhooks with a subscription tell them.

placed → shipped → delivered, each by one verb.
"""

import json
import uuid

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from example_site.shop_demo.catalogue import Product


FIRST_NUMBER = 1001
CURRENCY = "EUR"


def place(product: Product, address: str, first_name: str, language: str, picture: str) -> dict[str, Any]:
    """A paid order of one piece."""
    order = {
        "id": _identity("Order"),
        "number": str(_next_number()),
        "status": "UNFULFILLED",
        "created": _now(),
        "origin": "CHECKOUT",
        "isPaid": True,
        "paymentStatus": "FULLY_CHARGED",
        "chargeStatus": "FULL",
        "userEmail": address,
        "user": None,
        "languageCodeEnum": language.upper(),
        "channel": {"slug": "atelier", "currencyCode": CURRENCY},
        "total": _gross(product),
        "billingAddress": {"firstName": first_name, "lastName": ""},
        "metadata": [],
        "lines": [_line(product, language, picture)],
        "fulfillments": [],
    }
    return _save(order)


def ship(order: dict[str, Any]) -> dict[str, Any]:
    """All of it, in one parcel. An order that was shipped stays as it is."""
    if order["fulfillments"]:
        return order
    line = order["lines"][0]
    parcel = {
        "id": _identity("Fulfillment"),
        "status": "FULFILLED",
        "created": _now(),
        "trackingNumber": f"AL{order['number']}PL",
        "metadata": [],
        "lines": [{"quantity": line["quantity"], "orderLine": {"id": line["id"]}}],
    }
    fulfilled = {**line, "quantityFulfilled": line["quantity"]}
    return _save({**order, "status": "FULFILLED", "lines": [fulfilled], "fulfillments": [parcel]})


def deliver(order: dict[str, Any]) -> dict[str, Any]:
    """As a carrier's integration does it: by metadata of the parcel. Nothing to deliver before it was shipped."""
    if state(order) != "shipped":
        return order
    parcel = {**order["fulfillments"][0], "metadata": [{"key": "delivered_at", "value": _now()}]}
    return _save({**order, "fulfillments": [parcel]})


def state(order: dict[str, Any]) -> str:
    """placed, shipped or delivered."""
    if not order["fulfillments"]:
        return "placed"
    return "delivered" if order["fulfillments"][0]["metadata"] else "shipped"


def find(number: int) -> dict[str, Any] | None:
    path = _folder() / f"{number}.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def newest_first() -> list[dict[str, Any]]:
    return [order for number in sorted(_numbers(), reverse=True) if (order := find(number))]


def _line(product: Product, language: str, picture: str) -> dict[str, Any]:
    sold = {"id": f"product-{product.slug}", "slug": product.slug}
    return {
        "id": _identity("OrderLine"),
        "productName": product.name("en"),
        "translatedProductName": "" if language == "en" else product.name(language),
        "variantName": "",
        "productSku": product.slug.upper(),
        "quantity": 1,
        "quantityFulfilled": 0,
        "thumbnail": {"url": picture, "alt": ""},
        "unitPrice": _gross(product),
        "variant": {"id": f"variant-{product.slug}", "product": sold},
    }


def _gross(product: Product) -> dict[str, Any]:
    return {"gross": {"amount": float(product.price), "currency": CURRENCY}}


def _identity(kind: str) -> str:
    """As Saleor's: the kind and the key, in base64."""
    return b64encode(f"{kind}:{uuid.uuid4()}".encode()).decode()


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _folder() -> Any:
    folder = settings.DATA_DIR / "shop"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _numbers() -> list[int]:
    return [int(path.stem) for path in _folder().glob("*.json")]


def _next_number() -> int:
    return max(_numbers(), default=FIRST_NUMBER - 1) + 1


def _save(order: dict[str, Any]) -> dict[str, Any]:
    path = _folder() / f"{order['number']}.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    return order
