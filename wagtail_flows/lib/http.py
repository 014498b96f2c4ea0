"""The only door to HTTP: fetch a small JSON document from an address that somebody typed in.

Whoever may edit a shop chooses the address, so it must not reach what only this machine can reach (SSRF). The name is
resolved once, every address it has must be public, and the connection goes to the address that was checked: a name that
answers differently the second time gains nothing. Redirects are not followed, proxies are not asked.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from wagtail_flows.conf import conf
from wagtail_flows.exceptions import FlowsError


USER_AGENT = "wagtail-flows"
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_BYTES = 65_536
CHUNK_BYTES = 8_192
NAT64 = ipaddress.ip_network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(FlowsError):
    """The document could not be fetched; the message says why. Check the address, or try again later."""

    is_temporary = True


class PrivateAddressError(FetchError):
    """The address leads into a private network. Use a public one; in development set FLOWS_ALLOW_PRIVATE_ADDRESSES."""

    is_temporary = False


@dataclass(frozen=True)
class _Target:
    """Where to connect: the parts of the address, checked."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def fetch_json(url: str, *, timeout: float = 2.0, max_bytes: int = MAX_BYTES) -> Any:
    """GET `url` and read its body as JSON. Everything together takes at most about `timeout` seconds.

    Raises FetchError: no such host, private address, no answer in time, any status but 200 (redirects included), more
    than `max_bytes`, or not JSON.
    """
    deadline = time.monotonic() + timeout
    target = _target(url)
    addresses = _resolve(target, deadline)
    try:
        body = _get(target, addresses, deadline, max_bytes)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(
            _("%(host)s did not answer properly: %(error)s") % {"host": target.host, "error": error}
        ) from error
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FetchError(_("%(url)s is not JSON.") % {"url": url}) from error


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


def _target(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:
        raise FetchError(_("%(url)s is not an address.") % {"url": url}) from error
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None or _has_control(url):
        raise FetchError(_("%(url)s is not an address that starts with https://.") % {"url": url})
    return _Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], _path(parts))


def _path(parts: SplitResult) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return path.encode("ascii", "ignore").decode("ascii")


def _has_control(url: str) -> bool:
    return any(ord(character) <= 32 or ord(character) == 127 for character in url)


def _resolve(target: _Target, deadline: float) -> list[IPAddress]:
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


def _get(target: _Target, addresses: list[IPAddress], deadline: float, max_bytes: int) -> bytes:
    stream = _connect(target, addresses, deadline)
    if target.scheme == "https":
        context = ssl.create_default_context()
        stream = context.wrap_socket(stream, server_hostname=target.host, do_handshake_on_connect=False)
    # A socket's time-out starts anew with each byte; this ends a server that sends one byte a second, too.
    alarm = threading.Timer(_left(deadline), _shut, args=(stream,))
    alarm.start()
    try:
        if isinstance(stream, ssl.SSLSocket):
            stream.do_handshake()
        return _answer(stream, target, max_bytes)
    finally:
        alarm.cancel()
        stream.close()


def _connect(target: _Target, addresses: list[IPAddress], deadline: float) -> socket.socket:
    """A connection to the first address that takes one."""
    failure: OSError = TimeoutError("timed out")
    for address in addresses:
        try:
            return socket.create_connection((str(address), target.port), timeout=_left(deadline))
        except OSError as error:
            failure = error
    raise failure


def _answer(stream: socket.socket, target: _Target, max_bytes: int) -> bytes:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = stream
    headers = {
        "Host": target.host_header,
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "Connection": "close",
    }
    connection.request("GET", target.path, headers=headers)
    with connection.getresponse() as response:
        if response.status != http.HTTPStatus.OK:
            raise FetchError(_("%(host)s answered %(status)s.") % {"host": target.host, "status": response.status})
        body = b""
        while len(body) <= max_bytes and (chunk := response.read(min(CHUNK_BYTES, max_bytes + 1 - len(body)))):
            body += chunk
    if len(body) > max_bytes:
        raise FetchError(_("%(host)s sent more than %(size)d bytes.") % {"host": target.host, "size": max_bytes})
    return body


def _left(deadline: float) -> float:
    """Seconds until the deadline; never 0, which would make a socket non-blocking."""
    return max(0.01, deadline - time.monotonic())


def _shut(stream: socket.socket) -> None:
    try:
        # Not the TLS socket's own shutdown: that one takes the session away from under the thread that reads.
        socket.socket.shutdown(stream, socket.SHUT_RDWR)
    except OSError:
        return  # it was closed in the same moment: nothing is left to end
