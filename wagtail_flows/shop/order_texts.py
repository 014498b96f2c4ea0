"""An order in words."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from wagtail_flows.shop.models import Order
from wagtail_flows.shop.money import money


def progress(order: Order) -> str:
    """How far it got: the last thing that happened to it."""
    if order.cancelled_at:
        return _("cancelled")
    if order.refunded_at:
        return _("refunded") if order.is_fully_refunded else _("partly refunded")
    steps = (
        (order.delivered_at, _("delivered")),
        (order.shipped_at, _("shipped")),
        (order.paid_at, _("paid")),
        (order.placed_at, _("placed")),
    )
    return next((text for moment, text in steps if moment), "")


def amount(order: Order) -> str:
    """The total with its currency, as the visitor's language writes numbers; empty where the shop didn't tell."""
    if order.total is None:
        return ""
    total = money(Decimal(order.total), order.currency) or Decimal(0)
    return f"{number_format(total, use_l10n=True, force_grouping=True)} {order.currency}".strip()
