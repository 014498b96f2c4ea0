"""Webhooks: calls to addresses that the site's owner entered, signed as Standard Webhooks says.

The `webhook-id` is the delivery's own, so it is the same however often one call is made. Calls go to different places,
so trouble with one receiver doesn't stop the others: who was in trouble is left alone for the rest of this run.
"""

from __future__ import annotations

import json

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from wagtail_flows.conf import conf
from wagtail_flows.lib import clock
from wagtail_flows.lib.http import FetchError, NoReplyError, Reply, call
from wagtail_flows.lib.retry_after import retry_after
from wagtail_flows.lib.webhook_signing import signed_headers
from wagtail_flows.messages import context, reasons
from wagtail_flows.messages.channels.port import Channel, Ready, Spoiled
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.replies import Answer, PermanentRefusal, Sent, TemporaryRefusal, Unavailable, Unknown
from wagtail_flows.messages.webhook_model import WebhookEndpoint


WEBHOOK = "webhook"
TYPE = "scenario.step"

GONE = "webhook_gone"
REFUSED = "webhook_refused"
BUSY = "webhook_busy"
UNREACHABLE = "webhook_unreachable"
SILENT = "webhook_silent"
NOT_CALLABLE = "webhook_not_callable"

reasons.register(GONE, _("The webhook endpoint was deleted, or isn't active."))
reasons.register(REFUSED, _("The receiver of the webhook refused the call."))
reasons.register(BUSY, _("The receiver of the webhook said “not now”; it will be called again."))
reasons.register(UNREACHABLE, _("The receiver of the webhook can't be reached; it will be called again."))
reasons.register(SILENT, _("The receiver of the webhook never said whether it took the call."))
reasons.register(NOT_CALLABLE, _("The address of the webhook must not be called."))

# Too early, too slow, too many: the client errors that say nothing against the call itself (RFC 9110, 8470, 6585).
NOT_NOW = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One call, signed at the moment when it is made. `subject` is the name of the endpoint."""

    subject: str
    endpoint_id: int
    url: str
    secrets: tuple[str, ...]
    identifier: str
    body: bytes


class WebhookLine:
    """Makes the calls of one run. Each is a connection of its own."""

    is_fresh = True

    def __init__(self, stream: str) -> None:
        self._troubled: dict[int, str] = {}

    def ready(self) -> Unavailable | None:
        return None

    def close(self) -> None:
        return

    def hand_over(self, copy: WebhookCall, /) -> Answer:
        """Call, unless this very receiver was in trouble a moment ago."""
        if copy.endpoint_id in self._troubled:
            return TemporaryRefusal(UNREACHABLE, self._troubled[copy.endpoint_id])
        answer = _called(copy)
        match answer:
            case Unknown(_reason, error) | TemporaryRefusal(_reason, error):
                self._troubled[copy.endpoint_id] = error
        return answer


def _called(copy: WebhookCall) -> Answer:
    seconds = int(clock.real_now().timestamp())
    headers = signed_headers(copy.secrets, copy.identifier, seconds, copy.body) | {"Content-Type": "application/json"}
    try:
        reply = call(copy.url, copy.body, headers, timeout=conf.CALL_TIMEOUT)
    except FetchError as error:
        if error.is_temporary:
            return TemporaryRefusal(UNREACHABLE, str(error))
        return PermanentRefusal(NOT_CALLABLE, str(error))
    except NoReplyError as error:
        return Unknown(SILENT, str(error))
    return answer_of(reply)


def answer_of(reply: Reply) -> Answer:
    """A reply in our words. A redirect is a refusal: what was signed for one address goes to no other."""
    error = f"{reply.status} {reply.text}".strip()
    if 200 <= reply.status < 300:
        return Sent()
    if reply.status in NOT_NOW or reply.status >= 500:
        wait = retry_after(reply.headers.get("retry-after"), clock.real_now())
        return TemporaryRefusal(BUSY, error, wait)
    return PermanentRefusal(REFUSED, error)


def ready_calls(deliveries: Sequence[Delivery]) -> list[Ready | Spoiled]:
    """The call of each, in a constant number of queries; what the contact is like is told as of now."""
    if not deliveries:
        return []
    endpoints = _endpoints(deliveries)
    prefetch_related_objects(deliveries, "contact__properties__property", "visit__enrollment__scenario")
    return [_ready(one, endpoints.get(_payload(one).get("endpoint", ""))) for one in deliveries]


def _endpoints(deliveries: Iterable[Delivery]) -> dict[str, WebhookEndpoint]:
    wanted = {_payload(one)["endpoint"] for one in deliveries if _payload(one).get("endpoint")}
    found = WebhookEndpoint.objects.filter(public_id__in=wanted, is_active=True)
    return {str(one.public_id): one for one in found}


def _payload(delivery: Delivery) -> Mapping[str, Any]:
    found = delivery.context.get("payload")
    return found if isinstance(found, dict) else {}


def _ready(delivery: Delivery, endpoint: WebhookEndpoint | None) -> Ready | Spoiled:
    if endpoint is None:
        return Spoiled(delivery, Skip(GONE))
    delivery.is_repeatable = endpoint.is_repeat_safe
    body = json.dumps(told(delivery), ensure_ascii=False, default=str).encode()
    secrets = endpoint.secrets_at(clock.real_now())
    copy = WebhookCall(endpoint.name, endpoint.pk, endpoint.url, secrets, str(delivery.public_id), body)
    return Ready(delivery, copy)


def told(delivery: Delivery) -> dict[str, Any]:
    """The body: which step of which scenario calls, about whom, and what the step was told to tell."""
    payload, scenario = _payload(delivery), _scenario(delivery)
    known = context.about_contact(delivery.contact)
    contact = {name: known.get(name) for name in payload.get("contact", ())}
    data: dict[str, Any] = {
        "delivery": str(delivery.public_id),
        "scenario": scenario,
        "step": delivery.context.get("step", ""),
        "subject": delivery.context.get("subject") or "",
        "contact": {"id": str(delivery.contact.public_id), **contact},
        "data": payload.get("data", {}),
    }
    if payload.get("event"):
        data["event"] = delivery.context.get("event") or {}
    return {"type": TYPE, "timestamp": delivery.queued_at.isoformat(), "data": data}


def _scenario(delivery: Delivery) -> dict[str, str]:
    if delivery.visit is None:
        return {}
    scenario = delivery.visit.enrollment.scenario
    return {"id": str(scenario.public_id), "name": scenario.name}


CHANNEL = Channel(WEBHOOK, _("webhook"), ready_calls, WebhookLine, patience=None, reaches_contact=False)
