"""The time zone that a contact lives by."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone


def zone_named(name: str) -> tzinfo:
    """The zone of this name; the site's where it is empty, or isn't a zone."""
    try:
        return ZoneInfo(name) if name else timezone.get_default_timezone()
    except (KeyError, ValueError, OSError):
        return timezone.get_default_timezone()
