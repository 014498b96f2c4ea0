"""Where a request may go: the address that somebody typed in, taken apart, resolved and checked.

Whoever may edit a shop or a webhook chooses the address, so it must not reach what only this machine can reach (SSRF).
The name is resolved once and every address it has must be public; `lib.http` connects to the address that was checked,
so a name that answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from wagtail_flows.conf import conf
from wagtail_flows.exceptions import FlowsError


DEFAULT_PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.ip_network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(FlowsError):
    """Nothing was fetched, or nothing sent; the message says why. Check the address, or try again later."""

    is_temporary = True


class PrivateAddressError(FetchError):
    """The address leads into a private network. Use a public one; in development set FLOWS_ALLOW_PRIVATE_ADDRESSES."""

    is_temporary = False


class InsecureAddressError(FetchError):
    """The address starts with http://, so anybody on the way could read it. Use https://; in development set
    FLOWS_ALLOW_PRIVATE_ADDRESSES.
    """

    is_temporary = False


@dataclass(frozen=True)
class Target:
    """Where to connect: the parts of the address, checked."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def is_public(address: IPAddress) -> bool:
    """Whether anybody on the internet could connect to it; an address that wraps an IPv4 one counts as that one."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or _nat64(address)
        if wrapped is not None:
            return is_public(wrapped)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None


def read_target(url: str) -> Target:
    """Take an address apart. Raises FetchError for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:
        raise FetchError(_("%(url)s is not an address.") % {"url": url}) from error
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None or _has_control(url):
        raise FetchError(_("%(url)s is not an address that starts with https://.") % {"url": url})
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], _path(parts))


def _path(parts: SplitResult) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return path.encode("ascii", "ignore").decode("ascii")


def _has_control(url: str) -> bool:
    return any(ord(character) <= 32 or ord(character) == 127 for character in url)


def resolve(target: Target, deadline: float) -> list[IPAddress]:
    """Every address of the host, all of them allowed. The system's resolver knows no time-out, so it runs beside us."""
    found: list[IPAddress] = []
    failures: list[Exception] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.extend(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if thread.is_alive() or failures or not found:
        raise FetchError(_("There is no host %(host)s.") % {"host": target.host})
    if not conf.ALLOW_PRIVATE_ADDRESSES and not all(is_public(address) for address in found):
        raise PrivateAddressError(_("%(host)s is an address of a private network.") % {"host": target.host})
    return found
