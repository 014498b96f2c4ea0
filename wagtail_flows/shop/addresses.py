"""Addresses that a shop's owner types in: the shop's own, and the one where a product is reviewed."""

from __future__ import annotations

import re

from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

from django.utils.translation import gettext as _

from wagtail_flows.conf import conf


PLACEHOLDERS = ("product_slug", "product_id", "variant_id", "sku", "order_number")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def shop_url_problem(url: str) -> str | None:
    """What is wrong with a shop's address, for whoever typed it; None when nothing is."""
    parts = _split(url)
    if parts is None or parts.query or parts.fragment:
        return _("Give the address of the shop only, such as https://shop.example/.")
    if parts.scheme == "http" and not conf.ALLOW_PRIVATE_ADDRESSES:
        return _("The address must start with https://: the keys that the shop signs with are read from it.")
    return None


def review_url_problem(template: str) -> str | None:
    """What is wrong with a review address; blank is fine, and so is None."""
    if not template:
        return None
    unknown = sorted({name for name in _PLACEHOLDER.findall(template) if name not in PLACEHOLDERS})
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        return _("{%(name)s} can't be filled in. Known are: %(known)s.") % {"name": unknown[0], "known": known}
    parts = _split(template)
    if parts is None or "{" in parts.netloc or "{" in _PLACEHOLDER.sub("", template):
        return _("Give an address that starts with https:// and a host, such as https://shop.example/{product_slug}.")
    return None


def review_url(template: str, values: Mapping[str, str]) -> str:
    """The address filled in, each value quoted; "" where it has no template or a value that it names isn't known."""
    names = set(_PLACEHOLDER.findall(template))
    if not template or review_url_problem(template) or not all(values.get(name) for name in names):
        return ""
    return _PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), template)


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address with a host and without a user; None for anything else."""
    if any(ord(character) <= 32 for character in url):
        return None
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0  # reading a port that is no number raises
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and has_host and parts.username is None else None
