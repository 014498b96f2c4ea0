"""A stored body into facts. Pure: the same bytes always tell the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from wagtail_flows.shop import reasons
from wagtail_flows.shop.adapters.saleor import legacy, subscription, values
from wagtail_flows.shop.adapters.saleor.envelope import NOTIFY, Envelope, open_body
from wagtail_flows.shop.adapters.saleor.states import is_parcel
from wagtail_flows.shop.adapters.saleor.values import mapping
from wagtail_flows.shop.facts import CustomerFact, FulfilmentFact, OrderFact, Told, UnreadableWebhook


ORDER_EVENTS = ("order_", "draft_order_")
FULFILMENT_EVENTS = ("fulfillment_",)
CUSTOMER_EVENTS = ("customer_created", "customer_updated", "customer_metadata_updated", "account_confirmed")
UNUSED_EVENTS = ("_deleted", "_bulk_created")
LEGACY_TYPES = {"Order": ORDER_EVENTS, "Fulfillment": FULFILMENT_EVENTS, "User": CUSTOMER_EVENTS}


def parse(header_event: str, body: bytes, received_at: datetime) -> Told:
    """Read one body. `received_at` stands in where the body doesn't tell its own time. Raises UnreadableWebhook."""
    envelope = open_body(header_event, body)
    told_at = values.precise_moment(envelope.issued_at) or received_at
    told = replace(_read(envelope, told_at), told_at=told_at)
    if header_event and told.event != header_event and not told.note:
        return replace(told, note=reasons.filled(reasons.HEADER_LOST, header=header_event, body=told.event))
    return told


def _read(envelope: Envelope, told_at: datetime) -> Told:
    event = envelope.event
    if envelope.shape == "notify":
        return _notify(envelope.content, told_at)
    if event.startswith(ORDER_EVENTS + FULFILMENT_EVENTS + CUSTOMER_EVENTS) and not event.endswith(UNUSED_EVENTS):
        return (_legacy if envelope.shape == "legacy" else _subscription)(event, envelope.content, told_at)
    return Told(event, told_at, note=gettext_noop("This event isn't used."))


def _subscription(event: str, content: Mapping[str, Any], told_at: datetime) -> Told:
    if event.startswith(CUSTOMER_EVENTS):
        account = subscription.account_fact(mapping(content.get("user")))
        return _customer(event, account, told_at)
    fulfilment = subscription.fulfilment_fact(mapping(content.get("fulfillment")))
    if fulfilment and not is_parcel(fulfilment):
        fulfilment = None
    body = mapping(content.get("order")) or mapping(mapping(content.get("fulfillment")).get("order"))
    order = subscription.order_fact(event, body)
    if order is None:
        raise UnreadableWebhook(
            gettext_noop(
                "The body holds no order with an id: does the query ask for it, may the app read it (MANAGE_ORDERS)?"
            )
        )
    return _order(event, order, fulfilment, subscription.customers(body, order), told_at)


def _legacy(event: str, content: Mapping[str, Any], told_at: datetime) -> Told:
    if not content:
        raise UnreadableWebhook(gettext_noop("A body that is a list holds exactly one object."))
    kind = content.get("type")
    if kind is None and "_metadata_updated" in event:
        note = gettext_noop("Without a subscription query this event only tells that something changed.")
        return Told(event, told_at, note=note)
    if not isinstance(kind, str) or not event.startswith(LEGACY_TYPES.get(kind, ("\0",))):
        held = repr(str(kind)[:40])
        raise UnreadableWebhook(reasons.filled(reasons.WRONG_OBJECT, header=event, body=held))
    if kind == "User":
        return _customer(event, legacy.account_fact(content), told_at)
    body = content if kind == "Order" else mapping(content.get("order"))
    order = legacy.order_fact(event, body)
    if order is None:
        raise UnreadableWebhook(gettext_noop("The body holds no order with an id."))
    # The parcel by itself tells neither its tracking number nor when it was made: the order's list does.
    return _order(event, order, None, legacy.customers(body, order), told_at)


def _order(
    event: str,
    order: OrderFact,
    fulfilment: FulfilmentFact | None,
    customers: tuple[CustomerFact, ...],
    told_at: datetime,
) -> Told:
    if fulfilment and any(one.external_id == fulfilment.external_id for one in order.fulfilments or ()):
        fulfilment = None  # told twice in one body; the complete list is enough
    return Told(event, told_at, order=order, fulfilment=fulfilment, customers=customers)


def _customer(event: str, account: CustomerFact | None, told_at: datetime) -> Told:
    if account is None:
        reason = gettext_noop("The body holds no customer with an address: may the app read it (MANAGE_USERS)?")
        raise UnreadableWebhook(reason)
    return Told(event, told_at, customers=(account,))


def _notify(content: Mapping[str, Any], told_at: datetime) -> Told:
    """NOTIFY_USER: mails that Saleor wants sent. We learn who the customer is; `recipient_email` may be the staff's."""
    user = mapping(mapping(content.get("payload")).get("user"))
    account = None if user.get("is_staff") else legacy.account_fact(user)
    if account is None:
        return Told(NOTIFY, told_at, note=gettext_noop("It names no customer."))
    return Told(NOTIFY, told_at, customers=(account,))
