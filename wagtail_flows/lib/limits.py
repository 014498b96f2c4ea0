"""Counted limits: so many of something in a window of time, whoever asks and from whichever process."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from wagtail_flows.lib.db import locked, skip_locked
from wagtail_flows.lib.models import RateCount


LONGEST_WINDOW = timedelta(days=1)
PRUNED_AT_ONCE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def take(key: str, limit: int, window: timedelta, *, now: datetime) -> bool:
    """Take one of the `limit` that `key` has in the current window; False when all are taken.

    Windows stand side by side (10:00 to 11:00, 11:00 to 12:00), are at most a day long, and are counted in the caller's
    transaction: what is rolled back was not taken. The key is stored as a keyed hash only, so it may hold an address.
    """
    starts_at = _start(window, now)
    if limit < 1:
        return False
    hashed = _hashed(key)
    if _count_one(hashed, starts_at, limit):
        return True
    # Refused, or the first in this window: whoever inserts the row, the conditional update is the referee.
    with transaction.atomic():
        RateCount.objects.bulk_create([RateCount(key=hashed, window_starts_at=starts_at)], ignore_conflicts=True)
        _prune(now)
    return _count_one(hashed, starts_at, limit)


def take_many(keys: Iterable[str], limit: int, window: timedelta, *, now: datetime) -> set[str]:
    """Take one for each of these keys, as `take` does; the keys that had one left. A constant number of statements.

    Waits for nobody but who takes of the same keys: call it under a lock that keeps two callers' keys apart.
    """
    starts_at = _start(window, now)
    by_hash = {_hashed(key): key for key in keys}
    if limit < 1 or not by_hash:
        return set()
    new = [RateCount(key=hashed, window_starts_at=starts_at) for hashed in sorted(by_hash)]
    with transaction.atomic():
        RateCount.objects.bulk_create(new, ignore_conflicts=True)
        rows = RateCount.objects.filter(key__in=by_hash, window_starts_at=starts_at).order_by("id")
        left = [row for row in locked(rows) if row.count < limit]
        RateCount.objects.filter(pk__in=[row.pk for row in left]).update(count=F("count") + 1)
        _prune(now)
    return {by_hash[row.key] for row in left}


def _start(window: timedelta, now: datetime) -> datetime:
    """When the window of this length began in which `now` lies."""
    if not timedelta(0) < window <= LONGEST_WINDOW:
        raise ValueError(f"A window is longer than nothing and at most {LONGEST_WINDOW}, not {window}.")
    return now - (now - _EPOCH) % window


def _hashed(key: str) -> str:
    return salted_hmac("wagtail_flows.limits", key, algorithm="sha256").hexdigest()


def _count_one(hashed: str, starts_at: datetime, limit: int) -> bool:
    rows = RateCount.objects.filter(key=hashed, window_starts_at=starts_at, count__lt=limit)
    return rows.update(count=F("count") + 1) == 1


def _prune(now: datetime) -> None:
    """Delete some windows that ended long ago; rows that another is deleting are left to it."""
    old = RateCount.objects.filter(window_starts_at__lt=now - 2 * LONGEST_WINDOW).order_by("id")
    ids = [row.pk for row in skip_locked(old)[:PRUNED_AT_ONCE]]
    if ids:
        RateCount.objects.filter(pk__in=ids).delete()
