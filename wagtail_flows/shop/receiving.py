"""Taking in one request: verify the raw bytes, store them, ring, answer. Everything else happens later, from the stored
row.

The answers follow how Saleor behaves: only 2xx is success, 5xx is tried again for about five minutes, and anything from
300 to 499 is never tried again. So whatever may be our own trouble is 503, and 4xx is for what can't become right by
waiting.
"""

from __future__ import annotations

import hashlib

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.db.models import F

from wagtail_flows.lib import bell, clock, hot_rows
from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.adapters.registry import Judgement, Verdict
from wagtail_flows.shop.models import ReceivedWebhook, Shop
from wagtail_flows.shop.refusals import note_refusal
from wagtail_flows.shop.signing_keys import newer_keys


# The only headers that are kept: none of them is a secret. Senders may add others that are (`Authorization`, cookies).
KEPT_HEADERS = frozenset({
    "content-length", "content-type", "user-agent", "saleor-event", "saleor-domain", "saleor-api-url", "x-saleor-event",
    "x-saleor-domain", "traceparent",
})  # fmt: skip
LONGEST_HEADER = 300


@dataclass(frozen=True)
class Answer:
    """What to say to the sender. It is logged by the shop, so it is for whoever set up the webhook there."""

    status: HTTPStatus
    text: str


@dataclass(frozen=True)
class Received:
    """One request: the raw bytes and the headers, with lower-case names."""

    body: bytes
    headers: Mapping[str, str]


def receive(shop: Shop, request: Received) -> Answer:
    """Verify and store one request. Must not run inside a transaction: it may have to fetch keys."""
    adapter = registry.get(shop.adapter)
    judgement = _judge(shop, request)
    event = adapter.event_of(request.headers)
    if judgement is None:
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "The shop's keys could not be read; send it again.")
    if judgement.verdict is not Verdict.GOOD:
        return refuse(
            shop, request.headers, HTTPStatus.UNAUTHORIZED, judgement.reason, event, request.body, judgement.kind
        )
    return _store(shop, request, event, judgement.kind)


def refuse(
    shop: Shop,
    headers: Mapping[str, str],
    status: HTTPStatus,
    reason: str,
    event: str = "",
    body: bytes | None = None,
    signature: str = "",
    size: int = 0,
) -> Answer:
    """Count and note a request that is not accepted. `body` None: not read, and `size` is what the sender said."""
    note_refusal(
        shop,
        reason=reason,
        event=event,
        digest="" if body is None else hashlib.sha256(body).hexdigest(),
        size=size if body is None else len(body),
        headers=kept_headers(headers),
        signature=signature,
        now=clock.now(),
    )
    return Answer(status, reason)


def digest_of(event: str, body: bytes) -> str:
    """What makes a webhook of one shop the same webhook: its event and its raw body. Saleor sends no id."""
    return hashlib.sha256(event.encode() + b"\n" + body).hexdigest()


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:LONGEST_HEADER] for name, value in headers.items() if name in KEPT_HEADERS}


def _judge(shop: Shop, request: Received) -> Judgement | None:
    """The judgement with the keys at hand or, where that isn't final, with newer ones; None where none can be had."""
    adapter = registry.get(shop.adapter)
    first = adapter.judge(request.body, request.headers, jwks=shop.jwks, secret=shop.hmac_secret)
    if first.verdict is not Verdict.NEEDS_NEWER_KEYS:
        return first
    jwks = newer_keys(shop)
    if jwks is None:
        return None
    return adapter.judge(request.body, request.headers, jwks=jwks, secret=shop.hmac_secret)


def _store(shop: Shop, request: Received, event: str, signature: str) -> Answer:
    now = clock.now()
    digest = digest_of(event, request.body)
    row = ReceivedWebhook(
        shop=shop,
        event=event,
        digest=digest,
        size=len(request.body),
        body=request.body,
        headers=kept_headers(request.headers),
        signature=signature,
        received_at=now,
        due_at=now,
    )
    if hot_rows.insert_new(row):
        bell.ring()
        return Answer(HTTPStatus.OK, "stored")
    stored = ReceivedWebhook.objects.filter(shop=shop, digest=digest).exclude(status=ReceivedWebhook.Status.REFUSED)
    stored.update(repeats=F("repeats") + 1)
    return Answer(HTTPStatus.OK, "known already")
