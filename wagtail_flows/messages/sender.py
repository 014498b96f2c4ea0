"""Who a mail comes from: the message, else the site's sender settings, else the installation's settings."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from wagtail.models import Site

from wagtail_flows.conf import conf
from wagtail_flows.messages.personalize import one_line
from wagtail_flows.messages.settings_model import SenderSettings


@dataclass(frozen=True, slots=True)
class Sender:
    """`name` and `address` make the From header; `reply_to` and `postal_address` may be empty. The last has lines."""

    name: str
    address: str
    reply_to: str = ""
    postal_address: str = ""


# The same for each mail, and read letter by letter.
_parsed = lru_cache(maxsize=8)(parseaddr)


def sender_of(chosen: SenderSettings | None, site: Site | None, message_name: str = "") -> Sender:
    """Put a sender together; no queries."""
    own_name, own_address = _parsed(conf.FROM_EMAIL or settings.DEFAULT_FROM_EMAIL)
    names = (message_name, chosen.from_name if chosen else "", own_name, site.site_name if site else "")
    return Sender(
        name=one_line(next((name for name in names if name), "")),
        address=(chosen.from_address if chosen else "") or own_address,
        reply_to=chosen.reply_to if chosen else "",
        postal_address=chosen.postal_address if chosen else "",
    )
