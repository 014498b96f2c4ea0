"""Making keys of the API, and knowing them again."""

from __future__ import annotations

import hashlib
import secrets

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.crypto import constant_time_compare

from wagtail_flows.api.models import ApiKey


MARK = "flows"
LONGEST_SECRET = 200
NOTED_EVERY = timedelta(minutes=1)
_NOBODYS = hashlib.sha256(b"").hexdigest()


def new_secret() -> tuple[str, str, str]:
    """(secret, prefix, hash): 256 bits of chance behind a prefix that may be seen. The mark lets scanners of source
    code find one that was committed.
    """
    prefix = secrets.token_hex(4)
    secret = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    return secret, prefix, hashed(secret)


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def find(secret: str) -> ApiKey | None:
    """The active key with this secret. It takes as long whether there is one or not."""
    parts = secret.split("_", 2)
    prefix = parts[1] if len(parts) == 3 and parts[0] == MARK and len(secret) <= LONGEST_SECRET else ""
    found = ApiKey.objects.filter(prefix=prefix, is_active=True).first() if prefix.isalnum() else None
    is_right = constant_time_compare(hashed(secret[:LONGEST_SECRET]), found.secret_hash if found else _NOBODYS)
    return found if found is not None and is_right else None


def note_use(key: ApiKey, now: datetime) -> None:
    """Keep when it was used last, to the minute: one write for many requests."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
