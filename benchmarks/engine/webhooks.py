"""Webhooks stored a second, each with a signature to verify, beside a bare view that inserts the same bytes."""

from __future__ import annotations

import json

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt
from jwt import PyJWS
from jwt.algorithms import RSAAlgorithm

from benchmarks.engine.world import empty, settle_down, world
from benchmarks.measuring import Pace, Way, rates
from tests.shop.recordings import recording
from tests.urls import urlpatterns as site_urls
from wagtail_flows.lib import clock
from wagtail_flows.shop.models import ReceivedWebhook, Shop


PART = "webhooks"
KID = "1"
RECORDED = recording("0055")
_numbers = count(1)


class NotStored(AssertionError):
    """A request was refused, or not stored: there is nothing to compare."""


@dataclass(frozen=True)
class Signed:
    """One body as the shop sends it, with the header that signs it."""

    body: bytes
    signature: str


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """Insert what came, and believe it."""
    now = clock.now()
    ReceivedWebhook.objects.create(
        shop_id=int(request.GET["shop"]),
        event=request.headers["Saleor-Event"],
        digest=request.GET["digest"],
        size=len(request.body),
        body=request.body,
        received_at=now,
        due_at=now,
    )
    return HttpResponse("stored")


# The site with the rival's view beside it, behind the same middleware.
urlpatterns = [path("bare/", bare), *site_urls]


def measured(size: int) -> Iterator[Pace]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with world(), override_settings(ROOT_URLCONF=__name__):
        shop = _shop(key)
        url = reverse("wagtail_flows:shop_webhook", args=[shop.public_id])
        posts: list[HttpRequest] = []
        ours = Way(lambda: _posted(posts), lambda: _made(posts, size, key, lambda number: url))
        rival = Way(
            lambda: _posted(posts),
            lambda: _made(posts, size, key, lambda number: f"/bare/?shop={shop.pk}&digest={number}"),
        )
        our_rate, rival_rate = rates(ours, rival)
    name = f"bodies of {len(RECORDED.body):,} octets, RS256 verified, a commit each"
    yield Pace(
        PART, name, "1 worker, 1 connection", "webhooks/s", our_rate, rival_rate, "bare view, the same bytes", 0.5
    )


def _shop(key: rsa.RSAPrivateKey) -> Shop:
    jwk = {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": KID, "use": "sig", "alg": "RS256"}
    values = {"url": "https://shop.example/", "jwks": {"keys": [jwk]}, "jwks_fetched_at": clock.now()}
    return Shop.objects.update_or_create(name="Shop", defaults=values)[0]


def _made(posts: list[HttpRequest], size: int, key: rsa.RSAPrivateKey, url: Callable[[int], str]) -> None:
    """So many requests, each with a body of its own, and nothing stored."""
    empty("receivedwebhook")
    settle_down("receivedwebhook")
    posts.clear()
    factory = RequestFactory()
    for number in range(size):
        one = _signed(key)
        headers = {**RECORDED.headers, "Saleor-Signature": one.signature}
        kept = {name: value for name, value in headers.items() if name.lower().startswith(("saleor", "user-agent"))}
        posts.append(factory.post(url(number), one.body, content_type="application/json", headers=kept))


def _signed(key: rsa.RSAPrivateKey) -> Signed:
    body = RECORDED.body.replace(b"{", b'{"benchmark": %d, ' % next(_numbers), 1)
    token = PyJWS().encode(body, key, "RS256", {"kid": KID, "typ": None}, is_payload_detached=True)
    return Signed(body, token)


def _posted(posts: Sequence[HttpRequest]) -> int:
    handler = WSGIHandler()
    for request in posts:
        response = handler.get_response(request)
        if response.status_code != 200:
            raise NotStored(f"{response.status_code}: {response.content[:200]!r}")
    if ReceivedWebhook.objects.count() != len(posts):
        raise NotStored(NotStored.__doc__)
    return len(posts)
