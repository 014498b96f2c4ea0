"""What shops bring to the rooms below: kinds of events, the order in e-mails and segments, a gate, an adapter."""

from __future__ import annotations

from django.db.models.signals import post_save

from wagtail_flows.events import kinds
from wagtail_flows.messages.context import register_context
from wagtail_flows.segments import compiling, references
from wagtail_flows.shop import attention, estimates, gates, pruning
from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.adapters.saleor.adapter import SaleorAdapter
from wagtail_flows.shop.event_kinds import KINDS
from wagtail_flows.shop.message_context import NAMES, load_orders
from wagtail_flows.shop.models import Shop
from wagtail_flows.shop.segment_fields import OrderSource
from wagtail_flows.shop.segment_references import REFERENCES


ORDERS = OrderSource()


def register() -> None:
    for kind in KINDS:
        kinds.register(kind)
    registry.register(SaleorAdapter())
    post_save.connect(estimates.on_shop_saved, sender=Shop, dispatch_uid="wagtail_flows.estimates")
    gates.register()
    attention.register()
    pruning.register()
    register_context("order", load_orders, NAMES)
    compiling.register(ORDERS)
    for referred in REFERENCES:
        references.register(referred)
