"""The kinds of events that shops record."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_flows.events.kinds import EventKind


PLACED = "order.placed"
PAID = "order.paid"
SHIPPED = "order.shipped"
DELIVERED = "order.delivered"
DELIVERY_WITHDRAWN = "order.delivery_withdrawn"
CANCELLED = "order.cancelled"
REFUNDED = "order.refunded"

# `products`: the shop's ids of what was ordered.
COMMON_FIELDS = ("order", "number", "total", "currency", "shop", "products")

KINDS = (
    EventKind(PLACED, _("Order placed"), COMMON_FIELDS),
    EventKind(PAID, _("Order paid"), COMMON_FIELDS),
    EventKind(SHIPPED, _("Order shipped"), (*COMMON_FIELDS, "fulfilment", "tracking")),
    EventKind(DELIVERED, _("Order delivered"), (*COMMON_FIELDS, "is_estimated")),
    EventKind(DELIVERY_WITHDRAWN, _("Delivery of an order withdrawn"), COMMON_FIELDS),
    EventKind(CANCELLED, _("Order cancelled"), COMMON_FIELDS),
    EventKind(REFUNDED, _("Order refunded"), (*COMMON_FIELDS, "is_full")),
)
