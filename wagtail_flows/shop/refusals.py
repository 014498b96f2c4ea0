"""Requests that were not accepted: counted on the shop, and shown as a row without the body.

Anybody can send requests, so the rows are bounded: the same body makes one row however often it comes, there are only
so many new ones in an hour, and old ones go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import F

from wagtail_flows.lib import limits
from wagtail_flows.shop.models import ReceivedWebhook, Shop


ROWS_PER_HOUR = 30
KEPT_FOR = timedelta(days=30)


def note_refusal(
    shop: Shop,
    *,
    reason: str,
    event: str,
    digest: str,
    size: int,
    headers: Mapping[str, str],
    signature: str,
    now: datetime,
) -> None:
    """Count the refusal and keep its hash ("" where the body wasn't read), size, harmless headers and reason."""
    Shop.objects.filter(pk=shop.pk).update(refused_count=F("refused_count") + 1, last_refused_at=now)
    refused = ReceivedWebhook.objects.filter(shop=shop, status=ReceivedWebhook.Status.REFUSED)
    if refused.filter(digest=digest).update(repeats=F("repeats") + 1, reason=reason):
        return
    if not limits.take(f"refused-rows:{shop.pk}", ROWS_PER_HOUR, timedelta(hours=1), now=now):
        return
    refused.filter(received_at__lt=now - KEPT_FOR).delete()
    row = ReceivedWebhook(
        shop=shop,
        event=event,
        digest=digest,
        size=size,
        headers=dict(headers),
        signature=signature,
        status=ReceivedWebhook.Status.REFUSED,
        reason=reason,
        received_at=now,
    )
    # Two at the same moment: one row is enough.
    ReceivedWebhook.objects.bulk_create([row], ignore_conflicts=True)
