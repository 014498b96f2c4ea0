"""Models of the shop room."""

from __future__ import annotations

from wagtail_flows.shop.order_models import Fulfilment, FulfilmentLine, Order, OrderLine
from wagtail_flows.shop.shop_model import Customer, Shop
from wagtail_flows.shop.webhook_model import ReceivedWebhook


__all__ = ["Customer", "Fulfilment", "FulfilmentLine", "Order", "OrderLine", "ReceivedWebhook", "Shop"]
