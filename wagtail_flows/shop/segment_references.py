"""What segments can refer to in shops: the shops, and the products and categories that were ever ordered.

Products aren't kept; what was ordered names them. So one that nobody ordered can't be chosen, and one whose orders were
deleted stays in the rules that name it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Max, QuerySet

from wagtail_flows.segments.references import Referred
from wagtail_flows.shop.models import Order, OrderLine, Shop


def _products() -> QuerySet[Any, Any]:
    lines = OrderLine.objects.filter(is_removed=False).exclude(product_id="")
    return lines.values("product_id").annotate(shown=Max("product_name"))


def _categories() -> QuerySet[Any, Any]:
    lines = OrderLine.objects.filter(is_removed=False).exclude(category="")
    return lines.values("category").annotate(shown=F("category")).distinct()


REFERENCES = (
    Referred("shop", Shop, Shop.objects.all),
    Referred("product", OrderLine, _products, key="product_id", label="shown", is_checked=False, seen_with=Order),
    Referred("category", OrderLine, _categories, key="category", label="shown", is_checked=False, seen_with=Order),
)
