"""The only door to HTTP: fetch a small JSON document from an address that somebody typed in, or call one with some
bytes.

Where a request may go is decided by `lib.http_targets`. Redirects are not followed, proxies are not asked. (An API that
the site's own settings name is asked by `lib.http_api`.)
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.conf import conf
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib.http_targets import (
    FetchError,
    InsecureAddressError,
    IPAddress,
    PrivateAddressError,
    Target,
    is_public,
    read_target,
    resolve,
)


__all__ = [
    "FetchError", "InsecureAddressError", "NoReplyError", "PrivateAddressError", "Reply", "call", "fetch_json",
    "is_public",
]  # fmt: skip

USER_AGENT = "wagtail-flows"
MAX_BYTES = 65_536
CHUNK_BYTES = 8_192
# How much of the reply to a call is read, for the record.
MAX_REPLY = 2_000


class NoReplyError(FlowsError):
    """The request left us, at least in part, and no reply came: nobody can know whether it was taken."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: the status, the headers by their names in lower case, the beginning of the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def fetch_json(url: str, *, timeout: float = 2.0, max_bytes: int = MAX_BYTES) -> Any:
    """GET `url` and read its body as JSON. Everything together takes at most about `timeout` seconds.

    Raises FetchError: no such host, private address, no answer in time, any status but 200 (redirects included), more
    than `max_bytes`, or not JSON.
    """
    deadline = time.monotonic() + timeout
    target = read_target(url)
    addresses = resolve(target, deadline)
    try:
        with _stream(target, addresses, deadline) as stream:
            body = _answer(stream, target, max_bytes)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(
            _("%(host)s did not answer properly: %(error)s") % {"host": target.host, "error": error}
        ) from error
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FetchError(_("%(url)s is not JSON.") % {"url": url}) from error


def call(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float) -> Reply:
    """POST `body` to `url`. Everything together takes at most about `timeout` seconds; whatever is answered is a Reply.

    Raises FetchError where nothing left us (no such host, private address, no connection, http:// outside of
    development), and NoReplyError where the request had begun to leave.
    """
    deadline = time.monotonic() + timeout
    target = read_target(url)
    if target.scheme != "https" and not conf.ALLOW_PRIVATE_ADDRESSES:
        raise InsecureAddressError(_("%(url)s is not an address that starts with https://.") % {"url": url})
    addresses = resolve(target, deadline)
    has_begun = False
    try:
        with _stream(target, addresses, deadline) as stream:
            has_begun = True
            return _reply(stream, target, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        told = _("%(host)s did not answer properly: %(error)s") % {"host": target.host, "error": error}
        raise (NoReplyError if has_begun else FetchError)(told) from error


def _reply(stream: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> Reply:
    connection = _connection(stream, target)
    connection.request("POST", target.path, body=body, headers=_headers(target) | dict(headers))
    response = connection.getresponse()
    text = b""
    # It was answered: what breaks now changes nothing.
    with suppress(OSError, http.client.HTTPException, ValueError), response:
        text = response.read(MAX_REPLY)
    found = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, found, text.decode("utf-8", "replace"))


def _connection(stream: socket.socket, target: Target) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = stream
    return connection


def _headers(target: Target) -> dict[str, str]:
    return {
        "Host": target.host_header,
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "Connection": "close",
    }


def _answer(stream: socket.socket, target: Target, max_bytes: int) -> bytes:
    connection = _connection(stream, target)
    connection.request("GET", target.path, headers=_headers(target))
    with connection.getresponse() as response:
        if response.status != http.HTTPStatus.OK:
            raise FetchError(_("%(host)s answered %(status)s.") % {"host": target.host, "status": response.status})
        body = b""
        while len(body) <= max_bytes and (chunk := response.read(min(CHUNK_BYTES, max_bytes + 1 - len(body)))):
            body += chunk
    if len(body) > max_bytes:
        raise FetchError(_("%(host)s sent more than %(size)d bytes.") % {"host": target.host, "size": max_bytes})
    return body


@contextmanager
def _stream(target: Target, addresses: list[IPAddress], deadline: float) -> Iterator[socket.socket]:
    """A connection that ends with the block, or at the deadline."""
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
        yield stream
    finally:
        alarm.cancel()
        stream.close()


def _connect(target: Target, addresses: list[IPAddress], deadline: float) -> socket.socket:
    """A connection to the first address that takes one."""
    failure: OSError = TimeoutError("timed out")
    for address in addresses:
        try:
            return socket.create_connection((str(address), target.port), timeout=_left(deadline))
        except OSError as error:
            failure = error
    raise failure


def _left(deadline: float) -> float:
    """Seconds until the deadline; never 0, which would make a socket non-blocking."""
    return max(0.01, deadline - time.monotonic())


def _shut(stream: socket.socket) -> None:
    try:
        # Not the TLS socket's own shutdown: that one takes the session away from under the thread that reads.
        socket.socket.shutdown(stream, socket.SHUT_RDWR)
    except OSError:
        return  # it was closed in the same moment: nothing is left to end
