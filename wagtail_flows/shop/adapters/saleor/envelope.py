"""The four shapes of a body, and which event it really tells. See the subscription query beside this file."""

from __future__ import annotations

import json
import re

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext_noop

from wagtail_flows.shop import reasons
from wagtail_flows.shop.adapters.saleor.values import mapping
from wagtail_flows.shop.facts import UnreadableWebhook


NOTIFY = "notify_user"


@dataclass(frozen=True)
class Envelope:
    """One body: its shape, the event that it tells, its one object, and its own time (not yet read)."""

    shape: str  # legacy, subscription or notify
    event: str
    content: Mapping[str, Any]
    issued_at: Any


def open_body(header_event: str, body: bytes) -> Envelope:
    """Find out the shape. Raises UnreadableWebhook.

    The header that names the event isn't signed, the body is: `__typename`, or the field of a filtered subscription, or
    the type of a legacy object is believed, and the header only where the body names nothing.
    """
    document = _read(body)
    if isinstance(document, list):
        return _legacy(header_event, document)
    if not isinstance(document, dict):
        raise UnreadableWebhook(gettext_noop("The body is neither an object nor a list."))
    if "notify_event" in document:
        meta = mapping(document.get("meta"))
        return Envelope("notify", NOTIFY, document, meta.get("issued_at"))
    return _subscription(header_event, document)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise UnreadableWebhook(reasons.filled(reasons.NOT_UTF8, byte=error.start)) from error
    except RecursionError as error:
        raise UnreadableWebhook(gettext_noop("The body is nested too deeply.")) from error
    except (ValueError, ArithmeticError) as error:
        raise UnreadableWebhook(reasons.filled(reasons.NOT_JSON, error=error)) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _legacy(header_event: str, document: list[Any]) -> Envelope:
    """A list of one object. Only events that we don't use (bulk ones) hold more; then the content stays empty."""
    content = mapping(document[0]) if len(document) == 1 else {}
    return Envelope("legacy", header_event, content, mapping(content.get("meta")).get("issued_at"))


def _subscription(header_event: str, document: dict[str, Any]) -> Envelope:
    event = header_event
    if isinstance(document.get("data"), dict) and "__typename" not in document:
        if len(document["data"]) != 1:
            raise UnreadableWebhook(
                gettext_noop("The body's data should have one field: subscribe to one event at a time.")
            )
        field, inner = next(iter(document["data"].items()))
        event = snake(field)
        document = dict(mapping(inner))
    typename = document.get("__typename")
    return Envelope(
        "subscription", snake(typename) if isinstance(typename, str) else event, document, document.get("issuedAt")
    )


def snake(name: str) -> str:
    """`OrderFullyPaid` and `orderFullyPaid` become `order_fully_paid`, the word that the header would say."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:80]).lower()
