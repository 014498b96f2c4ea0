"""Whether a shop can be reached and verified, for a button in the admin."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_flows.lib.http import FetchError
from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.models import Shop
from wagtail_flows.shop.signing_keys import pin_keys


@dataclass(frozen=True)
class Check:
    """Whether it went well, and what to tell the person who asked."""

    is_good: bool
    text: str


def check_connection(shop: Shop) -> Check:
    """Read the shop's keys now and pin them. It changes the shop's row, so it answers a POST only."""
    try:
        pin_keys(shop)
    except (FetchError, registry.UnknownAdapter) as error:
        return Check(is_good=False, text=_("The keys could not be read: %(reason)s") % {"reason": error})
    names = registry.get(shop.adapter).usable_keys(shop.jwks)
    found = ngettext(
        "The shop publishes %(count)d key: %(names)s.", "The shop publishes %(count)d keys: %(names)s.", len(names)
    )
    return Check(is_good=True, text=found % {"count": len(names), "names": ", ".join(names)})
