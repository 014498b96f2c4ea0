"""The only door to HTTP, against real servers on this machine."""

import http.server
import ipaddress
import socket
import threading
import time

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from wagtail_flows.lib import http as door


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}/"
    finally:
        httpd.shutdown()
        httpd.server_close()


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.fixture
def private_allowed(settings):
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = True


@pytest.mark.usefixtures("private_allowed")
def test_a_document_is_fetched_and_read():
    with server(sends('{"a": "é"}'.encode())) as url:
        assert door.fetch_json(url + "x?y=1") == {"a": "é"}


def test_the_host_header_names_the_host_and_the_port_that_was_asked_for(settings):
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = True
    seen: list[str] = []

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        seen.append(request.headers["Host"])
        sends(b"1")(request)

    with server(answer) as url:
        door.fetch_json(url.replace("127.0.0.1", "localhost"))
    assert seen == [url.removeprefix("http://").rstrip("/").replace("127.0.0.1", "localhost")]


@pytest.mark.usefixtures("private_allowed")
@pytest.mark.parametrize("status", [204, 301, 302, 307, 404, 500])
def test_anything_but_200_is_refused_and_redirects_are_not_followed(status):
    with (
        server(sends(b"{}", status, Location="http://127.0.0.1:1/")) as url,
        pytest.raises(door.FetchError, match=str(status)),
    ):
        door.fetch_json(url)


@pytest.mark.usefixtures("private_allowed")
@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe\xff", b"[" * 5000])
def test_what_is_not_json_is_refused(body):
    with server(sends(body)) as url, pytest.raises(door.FetchError, match="not JSON"):
        door.fetch_json(url)


@pytest.mark.usefixtures("private_allowed")
def test_a_body_that_is_too_large_is_not_read_to_its_end():
    with server(sends(b" " * 2000)) as url, pytest.raises(door.FetchError, match="more than 1000 bytes"):
        door.fetch_json(url, max_bytes=1000)


@pytest.mark.usefixtures("private_allowed")
def test_a_server_that_sends_one_byte_at_a_time_is_given_up_in_time():
    over = threading.Event()

    def drip(request: http.server.BaseHTTPRequestHandler) -> None:
        try:
            request.send_response(200)
            request.end_headers()
            while not over.wait(0.05):
                request.wfile.write(b" ")
        except OSError:
            return

    with server(drip) as url:
        started = time.monotonic()
        with pytest.raises(door.FetchError):
            door.fetch_json(url, timeout=0.4)
        assert time.monotonic() - started < 2
        over.set()


@pytest.mark.usefixtures("private_allowed")
def test_a_server_that_says_nothing_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        started = time.monotonic()
        with pytest.raises(door.FetchError):
            door.fetch_json(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout=0.3)
        assert time.monotonic() - started < 2


@pytest.mark.usefixtures("private_allowed")
def test_plain_http_behind_an_https_address_is_refused():
    with server(sends(b"{}")) as url, pytest.raises(door.FetchError):
        door.fetch_json(url.replace("http://", "https://"))


@pytest.mark.usefixtures("private_allowed")
def test_nobody_listening_is_an_error_of_ours():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(door.FetchError):
        door.fetch_json(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254",
     "0.0.0.0", "100.64.0.1", "[::1]",  # noqa: S104
     "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
     "2130706433",
     "0x7f.1", "224.0.0.1", "255.255.255.255"],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(host):
    with pytest.raises(door.FetchError):
        door.fetch_json(f"http://{host}:9/", timeout=1)


def test_a_name_is_judged_by_where_it_leads(monkeypatch):
    """The resolver is the one thing faked: a public-looking name that answers with a loopback address among others."""
    rows = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: rows)
    with pytest.raises(door.PrivateAddressError):
        door.fetch_json("http://shop.example/")


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: over.wait(5) and [])
    started = time.monotonic()
    with pytest.raises(door.FetchError):
        door.fetch_json("http://shop.example/", timeout=0.2)
    over.set()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "url",
    ["", "shop.example", "ftp://shop.example/", "file:///etc/passwd", "http://", "http://user:pw@shop.example/",
     "http://shop.example:99999/", "http://shop.example/\r\nX: y", "http://[::1", "http://a b/",
     "http://" + "a" * 70 + ".b/"],
)  # fmt: skip
def test_what_is_no_address_is_an_error_of_ours(url):
    with pytest.raises(door.FetchError):
        door.fetch_json(url, timeout=0.5)


@pytest.mark.parametrize(
    ("address", "is_public"),
    [("93.184.216.34", True), ("2606:2800:220:1::1", True), ("::", False), ("2001:db8::1", False), ("192.0.2.1", False),
     ("64:ff9b::5db8:d822", True), ("fec0::1", False), ("2001:0:1:2::", False), ("198.18.0.1", False)],
)  # fmt: skip
def test_public_is_what_anybody_can_reach(address, is_public):
    assert door.is_public(ipaddress.ip_address(address)) is is_public
