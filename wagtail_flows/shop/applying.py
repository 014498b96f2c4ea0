"""From stored webhooks to orders, contacts and events.

Each row is one transaction: claimed, parsed, applied and marked, or nothing of it. Applying the same row again is
harmless.
"""

from __future__ import annotations

import logging
import time

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.db import locked, skip_locked
from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.customers import upsert_customers
from wagtail_flows.shop.facts import Told, UnreadableWebhook
from wagtail_flows.shop.models import ReceivedWebhook, Shop
from wagtail_flows.shop.order_events import record_events
from wagtail_flows.shop.upserting import upsert_order


log = logging.getLogger(__name__)

Status = ReceivedWebhook.Status

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_REASON = 250
APPLICABLE = (Status.RECEIVED, Status.APPLIED, Status.IGNORED, Status.FAILED)


class NotApplicable(FlowsError):
    """This webhook was refused when it came, so nothing of it was kept. Have the shop send it again."""


def apply_waiting(now: datetime, until: float | None) -> int:
    """Apply what waits, oldest first, until nothing is due or `until` (of `time.monotonic`) has passed; the rows worked
    on.
    """
    done = 0
    while until is None or time.monotonic() < until:
        webhook_id = _try_next(now)
        if webhook_id is None:
            break
        done += 1
    return done


def next_due(now: datetime) -> datetime | None:
    """When there will be something to apply: now or earlier if there is already."""
    waiting = ReceivedWebhook.objects.filter(status=Status.RECEIVED)
    due: datetime | None = waiting.aggregate(next=Min("due_at"))["next"]
    return due


def apply_webhook(webhook_id: int) -> ReceivedWebhook:
    """Apply one stored webhook, whatever became of it before; it ends as applied, ignored or failed with a reason.

    For the admin's "apply again". Raises NotApplicable for one that was refused, ReceivedWebhook.DoesNotExist for none.
    """
    now = clock.now()
    try:
        with transaction.atomic():
            row = locked(ReceivedWebhook.objects.filter(pk=webhook_id)).get()
            if row.status not in APPLICABLE:
                raise NotApplicable(NotApplicable.__doc__)
            _apply(row, now)
    except (NotApplicable, ReceivedWebhook.DoesNotExist):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was becomes the reason of this row
        _fail(webhook_id, error, now, may_retry=False)
    return ReceivedWebhook.objects.get(pk=webhook_id)


def _try_next(now: datetime) -> int | None:
    """Apply the oldest due row that nobody holds; its id, or None where there is none."""
    due = ReceivedWebhook.objects.filter(status=Status.RECEIVED, due_at__lte=now).order_by("due_at", "id")
    if not due.exists():  # SQLite locks the whole file for a transaction: none is begun for nothing
        return None
    webhook_id = None
    try:
        with transaction.atomic():
            row = skip_locked(due.select_related("shop")).first()
            if row is None:
                return None
            webhook_id = row.pk
            _apply(row, now)
    except Exception as error:
        if webhook_id is None:
            raise
        _fail(webhook_id, error, now, may_retry=True)
    return webhook_id


def _apply(row: ReceivedWebhook, now: datetime) -> None:
    adapter = registry.get(row.shop.adapter)
    told = adapter.parse(row.event, bytes(row.body), row.received_at)
    tells = told.order is not None or bool(told.customers)
    apply_told(row.shop, told)
    row.status = Status.APPLIED if tells else Status.IGNORED
    row.reason = told.note[:LONGEST_REASON]
    row.attempts += 1
    row.applied_at = now
    row.due_at = None
    row.save()


def apply_told(shop: Shop, told: Told) -> None:
    """Merge what one message told into contacts, orders and events. Needs a transaction."""
    upsert_customers(shop, told.customers, told.told_at)
    if told.order is not None:
        order = upsert_order(shop, told.order, told.fulfilment, told.told_at)
        record_events(order)


def _fail(webhook_id: int, error: Exception, now: datetime, *, may_retry: bool) -> None:
    """Note why, and try again later where that can help. The row's own transaction is rolled back already."""
    is_hopeless = isinstance(error, UnreadableWebhook)
    if not is_hopeless:
        log.exception("Webhook %s could not be applied", webhook_id, exc_info=error)
    row = ReceivedWebhook.objects.get(pk=webhook_id)
    is_last = is_hopeless or not may_retry or row.attempts + 1 >= MAX_ATTEMPTS
    reason = str(error) if isinstance(error, FlowsError) else f"{type(error).__name__}: {error}"
    ReceivedWebhook.objects.filter(pk=webhook_id).update(
        status=Status.FAILED if is_last else Status.RECEIVED,
        reason=_storable(reason),
        attempts=F("attempts") + 1,
        due_at=None if is_last else now + FIRST_PAUSE * 2**row.attempts,
    )
    if not is_last:
        bell.ring()


def _storable(reason: str) -> str:
    return reason.replace("\0", " ").encode("utf-8", "replace").decode()[:LONGEST_REASON]
