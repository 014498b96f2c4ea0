"""What shops bring to the rooms below: kinds of events, the order in e-mails, the first adapter. Called once, when the app is ready."""

from __future__ import annotations

from wagtail_flows.events import kinds
from wagtail_flows.messages.context import register_context
from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.adapters.saleor.adapter import SaleorAdapter
from wagtail_flows.shop.event_kinds import KINDS
from wagtail_flows.shop.message_context import NAMES, load_orders


def register() -> None:
    for kind in KINDS:
        kinds.register(kind)
    registry.register(SaleorAdapter())
    register_context("order", load_orders, NAMES)
