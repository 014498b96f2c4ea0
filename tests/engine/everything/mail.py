"""What must hold of each mail at the moment when it reaches the sink."""

from __future__ import annotations

from typing import Any

from django.core import mail

from tests.engine.everything.world import LOWEST_OF_GOLD, World
from wagtail_flows.contacts.models import ContactProperty, Subscription, Suppression
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery


def nobody_gets_what_they_must_not(world: World) -> None:
    """Of each mail that came since the last look, by what is known now: nothing has happened since."""
    ids = [_id_of(message) for message in mail.outbox]
    new = Delivery.objects.filter(public_id__in=ids[world.seen :]).select_related(
        "contact", "mailing_list", "visit__enrollment__version", "visit__enrollment__scenario"
    )
    found = list(new)
    assert len(found) == len(ids) - world.seen, "a mail to somebody who was erased"
    for delivery in found:
        if delivery.channel == "email":
            _may_be_written_to(delivery)
        if delivery.visit is not None:
            _is_still_wanted(delivery.visit.enrollment, delivery)
    world.seen = len(ids)


def each_mail_came_once() -> None:
    """And what the tables say about it is so."""
    ids = [_id_of(message) for message in mail.outbox]
    at_the_sink = set(ids)
    assert len(at_the_sink) == len(ids), "the same mail twice"
    by_mail = Delivery.objects.filter(channel__in=("email", "staff"))
    for public_id, status in by_mail.values_list("public_id", "status"):
        arrived = str(public_id) in at_the_sink
        assert arrived or status != "sent", "said to be sent, and wasn't"
        assert not arrived or status in {"sent", "sending", "uncertain"}, f"sent, and said to be {status}"


def _id_of(message: Any) -> str:
    return str(message.extra_headers["Message-ID"]).strip("<>").split("@")[0]


def _may_be_written_to(delivery: Delivery) -> None:
    scopes = ["all"] if delivery.stream == "transactional" else ["all", "commercial"]
    suppressed = Suppression.objects.filter(key_hash=delivery.contact.key_hash, scope__in=scopes)
    assert not suppressed.exists(), "suppressed"
    if delivery.stream == "transactional" or delivery.mailing_list is None:
        assert delivery.basis != "subscription"
        return
    statuses = Subscription.objects.filter(contact=delivery.contact, mailing_list=delivery.mailing_list)
    status = statuses.values_list("status", flat=True).first()
    assert status != "unsubscribed", "left the list"
    assert status == "subscribed" or delivery.basis != "subscription", "never subscribed"


def _is_still_wanted(one: Enrollment, delivery: Delivery) -> None:
    assert not one.is_cut_short, "left"
    # A brake is pulled by what was sent: it comes after, at the same moment. A person's pause has a moment of its own.
    was_paused = one.scenario.is_paused and (not one.scenario.brake or one.scenario.paused_at < delivery.sending_at)
    assert not was_paused, "paused"
    audience = one.version.graph.get("audience")
    if audience and audience["recheck"]:
        scores = ContactProperty.objects.filter(contact_id=one.contact_id, property__name="score")
        assert scores.filter(number__gte=LOWEST_OF_GOLD).exists(), "not in the audience any more"
    since = one.trigger_event_id or 0
    after = Event.objects.filter(contact_id=one.contact_id, pk__gt=since, recorded_at__gte=one.entered_at)
    if one.trigger_event_id:
        after = Event.objects.filter(contact_id=one.contact_id, pk__gt=since)
    for event in after:
        assert not any(is_exit(rule, one.subject, event) for rule in one.version.graph["exits"]), "an exit happened"
        left = event.kind == "list.unsubscribed" and event.subject == one.subject
        assert not left, "left the list that it began with"


def is_exit(rule: dict[str, Any], subject: str, event: Event) -> bool:
    return (
        event.kind == rule["event"]
        and (not rule["same_subject"] or event.subject == subject)
        and rule.get("where", {}).items() <= event.data.items()
    )
