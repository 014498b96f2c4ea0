"""Parcels of which no carrier tells: after the shop's days in transit they count as delivered."""

from __future__ import annotations

import time

from datetime import datetime

from django.db import transaction
from django.db.models import Min

from wagtail_flows.lib.db import locked
from wagtail_flows.shop.merging import first, merged
from wagtail_flows.shop.milestones import ARRIVED_BY_ESTIMATE
from wagtail_flows.shop.models import Fulfilment, Order, Shop
from wagtail_flows.shop.order_events import record_events
from wagtail_flows.shop.upserting import settle


def record_due(now: datetime, until: float | None) -> int:
    """Count parcels as delivered whose estimated day has come; how many orders were looked at."""
    done = 0
    while until is None or time.monotonic() < until:
        due = Fulfilment.objects.filter(estimated_delivery_at__lte=now).order_by("estimated_delivery_at", "id")
        order_id = due.values_list("order_id", flat=True).first()
        if order_id is None:
            break
        _arrive(order_id, now)
        done += 1
    return done


def next_due(now: datetime) -> datetime | None:
    """When the next estimated day comes: now or earlier if one has."""
    due: datetime | None = Fulfilment.objects.aggregate(next=Min("estimated_delivery_at"))["next"]
    return due


def reschedule(shop: Shop) -> None:
    """Compute anew what waits for its estimated day: the shop's days in transit were changed. What has arrived stays so."""
    waiting = Order.objects.filter(shop=shop, fulfilments__shipped_at__isnull=False, fulfilments__delivered_at=None)
    for order_id in list(waiting.order_by("id").values_list("id", flat=True).distinct()):
        with transaction.atomic():
            settle(locked(Order.objects.filter(pk=order_id)).get())


@transaction.atomic
def _arrive(order_id: int, now: datetime) -> None:
    """The order is locked before its parcels are looked at: a cancellation that came just before has removed the estimate."""
    order = locked(Order.objects.filter(pk=order_id)).get()
    for parcel in order.fulfilments.filter(estimated_delivery_at__lte=now):
        assert parcel.estimated_delivery_at is not None
        parcel.told = merged(parcel.told, [first(ARRIVED_BY_ESTIMATE, parcel.estimated_delivery_at)])
        parcel.save(update_fields=["told"])
    settle(order)
    record_events(order)
