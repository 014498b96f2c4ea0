import json
import threading

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from django.test import Client
from django.utils import timezone

from tests.shop.recordings import HMAC_SECRET, JWKS, Recording
from wagtail_flows.lib import clock
from wagtail_flows.shop.applying import apply_waiting
from wagtail_flows.shop.models import Shop


class KeyServer(ThreadingHTTPServer):
    """A shop's `/.well-known/jwks.json` over real HTTP; counts how often it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _KeyHandler)
        self.document: bytes = json.dumps(JWKS).encode()
        self.status = 200
        self.asked = 0
        self.before_answering: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def publish(self, jwks: object) -> None:
        self.document = json.dumps(jwks).encode()


class _KeyHandler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked += 1
        self.server.before_answering()
        is_right = self.path == "/.well-known/jwks.json"
        self.send_response(self.server.status if is_right else 404)
        self.end_headers()
        self.wfile.write(self.server.document)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def key_server(settings) -> Iterator[KeyServer]:
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = True
    server = KeyServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def shop(wagtail_site) -> Shop:
    """A shop whose keys are pinned already."""
    return make_shop()


def make_shop(**told) -> Shop:
    values = {"name": "Shop", "url": "https://shop.example/", "hmac_secret": HMAC_SECRET, "jwks": JWKS}
    # Before anything that the tests tell of: what lies long before a shop's days in transit isn't estimated.
    with clock.moved(datetime(2026, 1, 1, tzinfo=UTC)):
        return Shop.objects.create(**{**values, "jwks_fetched_at": timezone.now(), **told})


@pytest.fixture
def post(client: Client):
    """Post a recording, or a changed one, to a shop's door."""

    def send(shop: Shop, recording: Recording, *, body: bytes | None = None, **headers: str):
        return send_webhook(client, shop, recording, body=body, **headers)

    return send


def send_webhook(client: Client, shop: Shop, recording: Recording, *, body: bytes | None = None, **headers: str):
    told = {k: v for k, v in recording.headers.items() if k.lower() not in {"content-length", "content-type", "host"}}
    told = {name: value for name, value in {**told, **headers}.items() if value is not None}
    content = recording.body if body is None else body
    return client.generic(
        "POST", f"/flows/shops/{shop.public_id}/", content, content_type="application/json", headers=told
    )


def apply_all() -> int:
    return apply_waiting(clock.now(), None)
