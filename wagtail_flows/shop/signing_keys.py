"""The keys a shop signs with: pinned in its row, read anew when they may have changed.

They are only ever read from the address in the row, never from one that a request names. One process reads them at a
time, and only a few times a minute, so that forged requests can't turn us into a flood upon the shop.
"""

from __future__ import annotations

import time

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from wagtail_flows.conf import conf
from wagtail_flows.lib import clock, limits
from wagtail_flows.lib.http import FetchError, fetch_json
from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.models import Shop


FETCH_SECONDS = 2.0
# A process that died while it was reading holds the others off for this long. Measured by the real clock.
CLAIM_LASTS = timedelta(seconds=5)
POLL_SECONDS = 0.05


def fetch_keys(shop: Shop) -> Any:
    """Read the keys from the shop's own address. Raises FetchError, also for a document without a usable key."""
    adapter = registry.get(shop.adapter)
    url = adapter.keys_url(shop.url)
    jwks = fetch_json(url, timeout=FETCH_SECONDS)
    if not adapter.usable_keys(jwks):
        raise FetchError(_("%(url)s holds no key that a signature can be checked with.") % {"url": url})
    return jwks


def pin_keys(shop: Shop) -> None:
    """Read the keys and keep them in the row. Raises FetchError, and then the old ones stay."""
    jwks = fetch_keys(shop)
    shop.jwks, shop.jwks_fetched_at = jwks, clock.real_now()
    Shop.objects.filter(pk=shop.pk).update(jwks=jwks, jwks_fetched_at=shop.jwks_fetched_at)


def newer_keys(shop: Shop) -> Any | None:
    """Keys read after those in `shop`: by us now, or meanwhile by another. None where there are none to be had.

    Takes at most about twice FETCH_SECONDS and must not run inside a transaction.
    """
    had = shop.jwks_fetched_at
    if _was_read_since(shop, had):
        return shop.jwks
    if _claim(shop):
        try:
            # Another may have read them between our look and our claim: reading again would waste one of few fetches.
            return shop.jwks if _was_read_since(shop, had) else _read_within_limit(shop)
        finally:
            Shop.objects.filter(pk=shop.pk).update(keys_claimed_at=None)
    return _wait_for_another(shop, had)


def _claim(shop: Shop) -> bool:
    now = clock.real_now()
    is_free = Q(keys_claimed_at=None) | Q(keys_claimed_at__lt=now - CLAIM_LASTS)
    return Shop.objects.filter(is_free, pk=shop.pk).update(keys_claimed_at=now) == 1


def _read_within_limit(shop: Shop) -> Any | None:
    key, limit = f"shop-keys:{shop.pk}", conf.KEY_FETCHES_PER_MINUTE
    if not limits.take(key, limit, timedelta(minutes=1), now=clock.real_now()):
        return None
    try:
        pin_keys(shop)
    except FetchError:
        return None
    return shop.jwks


def _wait_for_another(shop: Shop, had: datetime | None) -> Any | None:
    """Another process is reading them: see what it brings."""
    ends = time.monotonic() + FETCH_SECONDS
    while time.monotonic() < ends:
        time.sleep(POLL_SECONDS)
        if _was_read_since(shop, had):
            return shop.jwks
        if not Shop.objects.filter(pk=shop.pk, keys_claimed_at__isnull=False).exists():
            break
    return shop.jwks if _was_read_since(shop, had) else None


def _was_read_since(shop: Shop, had: datetime | None) -> bool:
    """Load the keys anew; whether they are others than those read at `had`."""
    shop.refresh_from_db(fields=["jwks", "jwks_fetched_at"])
    return shop.jwks_fetched_at is not None and shop.jwks_fetched_at != had
