"""Leaving by the provider's own link or button: the same as by ours."""

from __future__ import annotations

from datetime import datetime

from wagtail_flows.contacts.models import Contact, MailingList, Subscription
from wagtail_flows.contacts.subscriptions import unsubscribe
from wagtail_flows.contacts.transitions import Evidence
from wagtail_flows.contacts.verbs import lock_contacts
from wagtail_flows.messages.delivery_models import Delivery


PROVIDER = "provider"


def leave(delivery: Delivery, at: datetime | None, now: datetime) -> None:
    """Leave the list of this delivery or, without one, all commercial mail; `at` is when they said so.

    Providers tell late, and twice: who has subscribed since then stays.
    """
    # Locked first, so that a confirmation at this moment comes before or after.
    for contact in lock_contacts([delivery.contact_id]):
        if not _has_subscribed_since(contact, delivery.mailing_list, at or now):
            evidence = Evidence(source=PROVIDER, locale=delivery.locale)
            unsubscribe(contact, delivery.mailing_list, evidence=evidence)


def _has_subscribed_since(contact: Contact, mailing_list: MailingList | None, at: datetime) -> bool:
    later = contact.subscriptions.filter(status=Subscription.Status.SUBSCRIBED, confirmed_at__gt=at)
    return (later if mailing_list is None else later.filter(mailing_list=mailing_list)).exists()
