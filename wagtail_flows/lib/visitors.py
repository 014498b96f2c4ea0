"""Which machine a request came from, as far as that can be known."""

from __future__ import annotations

import ipaddress

from collections.abc import Mapping
from typing import Any


# A household or a rented server has a whole network of IPv6 addresses; it counts as one origin.
IPV6_NETWORK_BITS = 64


def client_address(meta: Mapping[str, Any], trusted_proxies: int) -> str | None:
    """The visitor's IP address from a request's META, None where the server tells none (a Unix socket).

    Each of the `trusted_proxies` added the address it saw at the right end of X-Forwarded-For; what stands left of
    those is written by the visitor and believed by nobody.
    """
    direct = _address(str(meta.get("REMOTE_ADDR", "")))
    if trusted_proxies < 1:
        return direct
    forwarded = [part for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    if not forwarded:
        return direct
    return _address(forwarded[-min(trusted_proxies, len(forwarded))]) or direct


def origin(address: str | None) -> str:
    """What counts as one visitor for limits: an IPv4 address, an IPv6 network; "" where it isn't known."""
    if not address:
        return ""
    if ipaddress.ip_address(address).version == 4:
        return address
    return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False))


def _address(text: str) -> str | None:
    """An address as proxies write it: bare, `[v6]:port` or `v4:port`; None for anything else."""
    bare = text.strip().partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)
