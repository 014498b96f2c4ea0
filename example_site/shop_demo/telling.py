"""What the demo shop tells the site: webhooks as Saleor sends them, signed, over HTTP."""

import json

from datetime import UTC, datetime
from typing import Any

import requests

from django.conf import settings
from django.urls import reverse

from example_site.shop_demo.signing import sign
from wagtail_flows.models import Shop


TIMEOUT = 10


def placed(shop: Shop, order: dict[str, Any]) -> None:
    tell(shop, "OrderCreated", {"order": order})
    tell(shop, "OrderFullyPaid", {"order": order})


def shipped(shop: Shop, order: dict[str, Any]) -> None:
    tell(shop, "FulfillmentCreated", {"fulfillment": order["fulfillments"][0], "order": order})
    tell(shop, "OrderFulfilled", {"order": order})


def delivered(shop: Shop, order: dict[str, Any]) -> None:
    tell(shop, "FulfillmentMetadataUpdated", {"fulfillment": order["fulfillments"][0], "order": order})


def tell(shop: Shop, event: str, content: dict[str, Any]) -> None:
    """Post one webhook. Raises requests.RequestException when the site doesn't take it."""
    body = json.dumps({"__typename": event, "issuedAt": datetime.now(UTC).isoformat(), **content}).encode()
    address = settings.WAGTAILADMIN_BASE_URL + reverse("wagtail_flows:shop_webhook", args=[shop.public_id])
    headers = {"Content-Type": "application/json", "Saleor-Event": _snake(event), "Saleor-Signature": sign(body)}
    requests.post(address, data=body, headers=headers, timeout=TIMEOUT).raise_for_status()


def _snake(event: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event).lstrip("_")
