"""How long a server asks us to wait: the header Retry-After (RFC 9110 §10.2.3), in seconds or as a date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


NOTHING = timedelta(0)
LONGEST_NUMBER = 9  # digits; more seconds than that are no answer


def retry_after(value: str | None, now: datetime) -> timedelta:
    """The pause that `value` asks for; nothing where it asks for none, or for none that can be read."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER:
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return NOTHING
    return max(moment.replace(tzinfo=moment.tzinfo or UTC) - now, NOTHING)
