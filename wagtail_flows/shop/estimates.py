"""Parcels of which no carrier tells: after the shop's days in transit they count as delivered."""

from __future__ import annotations

import logging
import time

from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Min, Q

from wagtail_flows.contacts.verbs import lock_contacts
from wagtail_flows.lib.db import locked
from wagtail_flows.shop.facts import Status
from wagtail_flows.shop.merging import first, merged
from wagtail_flows.shop.milestones import ARRIVED_BY_ESTIMATE, LOOKS_BACK
from wagtail_flows.shop.models import Fulfilment, Order, Shop
from wagtail_flows.shop.order_events import record_events
from wagtail_flows.shop.upserting import settle


log = logging.getLogger(__name__)


def record_due(now: datetime, until: float | None) -> int:
    """Count parcels as delivered whose estimated day has come; of how many orders. One that can't be counted is in the
    log, holds up no other, and is tried again at the next call.
    """
    done = 0
    failed: set[int] = set()
    while until is None or time.monotonic() < until:
        due = Fulfilment.objects.filter(estimated_delivery_at__lte=now).order_by("estimated_delivery_at", "id")
        order_id = due.exclude(order_id__in=failed).values_list("order_id", flat=True).first()
        if order_id is None:
            break
        try:
            _arrive(order_id, now)
            done += 1
        except (OperationalError, InterfaceError):
            # The database is away, or asks to try again: that says nothing about this order.
            raise
        except Exception:
            log.exception("The estimated arrival of order %s could not be recorded.", order_id)
            failed.add(order_id)
    return done


def next_due(now: datetime) -> datetime | None:
    """When the next estimated day comes: now or earlier if one has."""
    due: datetime | None = Fulfilment.objects.aggregate(next=Min("estimated_delivery_at"))["next"]
    return due


def reschedule(shop: Shop) -> None:
    """Give every parcel that waits for its estimated day the day that the shop's days in transit make now.

    What has arrived, by an estimate too, stays as it is.
    """
    waiting = Fulfilment.objects.filter(
        order__shop=shop, shipped_at__isnull=False, delivered_at=None, is_removed=False
    ).exclude(status=Status.CANCELLED)
    if shop.transit_days is None:
        stale = waiting.filter(estimated_delivery_at__isnull=False)
    else:
        travel = timedelta(days=shop.transit_days)
        stale = waiting.exclude(estimated_delivery_at=F("shipped_at") + travel)
        if shop.transit_since is not None:
            # Older ones aren't estimated, unless they are already.
            since = shop.transit_since - LOOKS_BACK - travel
            stale = stale.filter(Q(shipped_at__gte=since) | Q(estimated_delivery_at__isnull=False))
    for order_id in list(stale.order_by("order_id").values_list("order_id", flat=True).distinct()):
        with transaction.atomic():
            settle(_locked_order(order_id))


def on_shop_saved(instance: Shop, created: bool, raw: bool = False, **_rest: object) -> None:
    """Receiver of `post_save`."""
    if not created and not raw:
        reschedule(instance)


@transaction.atomic
def _arrive(order_id: int, now: datetime) -> None:
    """The order is locked before its parcels are looked at: a cancellation that came just before has removed the
    estimate.
    """
    order = _locked_order(order_id)
    for parcel in order.fulfilments.filter(estimated_delivery_at__lte=now):
        if parcel.estimated_delivery_at:
            parcel.told = merged(parcel.told, [first(ARRIVED_BY_ESTIMATE, parcel.estimated_delivery_at)])
            parcel.save(update_fields=["told"])
    settle(order)
    record_events(order)


def _locked_order(order_id: int) -> Order:
    """The contact first and then the order, as everywhere."""
    contacts = Order.objects.filter(pk=order_id, contact__isnull=False).values_list("contact_id", flat=True)
    lock_contacts(list(contacts))
    return locked(Order.objects.filter(pk=order_id)).get()
