"""The keys that sign links in mails: kept in the database, so that a change of SECRET_KEY breaks no link sent."""

from __future__ import annotations

import secrets
import time

from typing import Any

from django.db import connection
from django.db.models.signals import post_migrate

from wagtail_flows.lib.models import SigningKey


FIRST_VERSION = 1
# Another process may have added a key: it is seen after this many seconds at the latest.
CACHED_SECONDS = 60.0

_cached: tuple[float, list[str]] | None = None


def signing_key() -> str:
    """The key to sign with: the newest. The very first call makes one; whoever else does so at that moment gets the
    same.
    """
    known = verification_keys()
    if known:
        return known[0]
    key, _is_new = SigningKey.objects.get_or_create(
        version=FIRST_VERSION, defaults={"secret": secrets.token_urlsafe(48)}
    )
    return key.secret


def verification_keys() -> list[str]:
    """All keys, the newest first; none on a site that never signed anything."""
    global _cached
    if _cached is not None and time.monotonic() - _cached[0] < CACHED_SECONDS:
        return _cached[1]
    keys = list(SigningKey.objects.order_by("-version").values_list("secret", flat=True))
    # Inside a transaction the key read may be one that is made in it, and that a rollback takes away again.
    if keys and not connection.in_atomic_block:
        _cached = (time.monotonic(), keys)
    return keys


def forget(**_kwargs: Any) -> None:
    """Drop the cached keys: the tables were migrated or emptied."""
    global _cached
    _cached = None


post_migrate.connect(forget, dispatch_uid="wagtail_flows.signing_keys")
