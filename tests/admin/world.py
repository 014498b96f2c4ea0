"""One of everything that the admin shows."""

import json
import uuid

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from tests.drawing import key
from tests.drawing import scenario as drawn
from wagtail_flows.api.models import ApiKey
from wagtail_flows.contacts.models import Contact, ContactProperty, MailingList, Property, Subscription, Suppression
from wagtail_flows.contacts.subscriptions import Evidence, confirm, subscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery, Message, WebhookEndpoint
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.static import add_members
from wagtail_flows.shop.models import Order, OrderLine, ReceivedWebhook, Shop


@dataclass
class World:
    contact: Contact
    mailing_list: MailingList
    subscription: Subscription
    suppression: Suppression
    prop: Property
    segment: Segment
    message: Message
    scenario: Scenario
    enrollment: Enrollment
    delivery: Delivery
    shop: Shop
    order: Order
    webhook: ReceivedWebhook
    api_key: ApiKey
    endpoint: WebhookEndpoint

    def row_of(self, model):
        """The row of this world that a viewset of `model` is asked for."""
        rows = vars(self).values()
        return next(row for row in rows if type(row) is model)


def make_world() -> World:
    now = clock.now()
    contact = get_or_create_contact("anna@example.org", locale="fr", first_name="Anna", last_name="Wolf", now=now)
    mailing_list = MailingList.objects.create(name="News", public_name="Nouvelles", public_id=key("club"))
    evidence = Evidence(wording="Yes, write to me", source="form", page_url="https://example.org/contact/", locale="fr")
    subscription = subscribe(contact, mailing_list, evidence=evidence, locale="fr")
    confirm(subscription, subscription.round, evidence=Evidence(source="link", locale="fr"))
    prop = Property.objects.create(name="shoe_size", label="Shoe size", type="number")
    ContactProperty.objects.create(contact=contact, property=prop, number=Decimal(41))
    message = Message(name="Thanks", subject="Thank you", translation_key=key("thanks"), basis="existing_customer")
    message.save()
    message.save_revision().publish()
    scenario = Scenario(name="After delivery", graph=drawn("list.subscribed > wait 10d > send thanks"))
    scenario.save()
    scenario.save_revision().publish()
    scenario.refresh_from_db()
    shop = Shop.objects.create(name="Atelier", url="https://shop.example/", hmac_secret="never shown")
    order = make_order(shop, contact, now)
    enrollment, delivery = make_passage(scenario, contact, order, now)
    return World(
        contact=contact,
        mailing_list=mailing_list,
        subscription=Subscription.objects.get(),
        suppression=suppress("bob@example.org", "all", "manual", note="by phone"),
        prop=prop,
        segment=make_segment(contact),
        message=message,
        scenario=scenario,
        enrollment=enrollment,
        delivery=delivery,
        shop=shop,
        order=order,
        webhook=make_webhook(shop, now),
        api_key=ApiKey.objects.create(name="Loyalty", prefix="0a1b2c3d", scopes=["events"], created_at=now),
        endpoint=WebhookEndpoint.objects.create(name="Warehouse", url="https://example.org/hooks"),
    )


def make_order(shop, contact, now):
    order = Order.objects.create(
        shop=shop,
        external_id="T3JkZXI6MQ==",
        number="21",
        contact=contact,
        address=contact.address,
        status="FULFILLED",
        currency="EUR",
        total=Decimal("41.99"),
        placed_at=now - timedelta(days=12),
        delivered_at=now - timedelta(days=1),
    )
    OrderLine.objects.create(order=order, external_id="1", product_name="Apple juice", quantity=2)
    return order


def make_passage(scenario, contact, order, now):
    enrollment = Enrollment.objects.create(
        scenario=scenario,
        version=scenario.current_version,
        contact=contact,
        entry_key=f"order:{order.public_id}",
        subject=f"order:{order.public_id}",
        step="send-1",
        step_entered_at=now,
        entered_at=now,
        due_at=now + timedelta(days=9),
        visit_count=1,
    )
    visit = Visit.objects.create(
        enrollment=enrollment,
        number=1,
        step="wait-1",
        kind="wait",
        entered_at=now,
        left_at=now,
        outlet="next",
        outcome="continue",
        seen={"due": "2026-12-01"},
    )
    delivery = Delivery.objects.create(
        visit=visit,
        contact=contact,
        address=contact.address,
        stream="commercial",
        basis="existing_customer",
        message_key=key("thanks"),
        locale="fr",
        rendered_subject="Merci Anna",
        status=Delivery.Status.UNCERTAIN,
        reason="no_answer",
        queued_at=now,
        due_at=now,
        context={"subject": f"order:{order.public_id}"},
    )
    return enrollment, delivery


def make_segment(contact):
    """Made by hand, so that its page has all that a segment's page can have."""
    segment = Segment.objects.create(name="Regulars", kind="static")
    add_members(segment, [contact.pk])
    return segment


def make_webhook(shop, now):
    body = json.dumps({"event": {"order": {"number": "21", "note": "<script>alert(1)</script>"}}}).encode()
    return ReceivedWebhook.objects.create(
        shop=shop,
        event="order_fulfilled",
        digest=uuid.uuid4().hex,
        size=len(body),
        body=body,
        headers={"Saleor-Event": "order_fulfilled"},
        status=ReceivedWebhook.Status.APPLIED,
        received_at=now,
    )
