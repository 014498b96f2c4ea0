"""Saleor (3.14 and later): https://docs.saleor.io/developer/extending/webhooks/overview"""

from __future__ import annotations

import re

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wagtail_flows.shop.adapters.registry import Judgement
from wagtail_flows.shop.adapters.saleor import signature
from wagtail_flows.shop.adapters.saleor.parse import parse
from wagtail_flows.shop.facts import Told


JWKS_PATH = "/.well-known/jwks.json"
_EVENT = re.compile("[a-z0-9_]{1,80}")


class SaleorAdapter:
    """Every fact about Saleor is in this folder."""

    name = "saleor"
    label = "Saleor"

    def event_of(self, headers: Mapping[str, str]) -> str:
        """The new name of the header, or the old one; odd values count as none."""
        event = headers.get("saleor-event") or headers.get("x-saleor-event") or ""
        return event.lower() if _EVENT.fullmatch(event.lower()) else ""

    def judge(self, body: bytes, headers: Mapping[str, str], *, jwks: Any, secret: str) -> Judgement:
        told = headers.get("saleor-signature") or headers.get("x-saleor-signature")
        return signature.judge(body, told, jwks=jwks, secret=secret)

    def keys_url(self, shop_url: str) -> str:
        """Keys are published at the root of the host, also where somebody gave the address of the API."""
        return shop_url.rstrip("/").removesuffix("/graphql").rstrip("/") + JWKS_PATH

    def usable_keys(self, jwks: Any) -> Sequence[str]:
        return signature.usable_keys(jwks)

    def parse(self, event: str, body: bytes, received_at: datetime) -> Told:
        return parse(event, body, received_at)
