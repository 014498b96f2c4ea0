"""The links that mails carry, on the host of the site they belong to."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from wagtail.models import Site

from wagtail_flows.contacts import tokens
from wagtail_flows.contacts.models import Contact, MailingList, Subscription
from wagtail_flows.lib.public_urls import absolute_url


def confirm_url(subscription: Subscription, site: Site | None = None) -> str:
    """Where the owner of the address confirms this round of the subscription."""
    token = tokens.make(tokens.CONFIRM, {"s": subscription.public_id.hex, "r": subscription.round})
    return absolute_url(reverse("wagtail_flows:confirm", args=[token]), site or subscription.mailing_list.site)


def unsubscribe_url(
    contact: Contact, mailing_list: MailingList | None, delivery_public_id: UUID | None = None, site: Site | None = None
) -> str:
    """Where the contact leaves the list or, without one, all commercial mail. Also takes the one-click POST of RFC
    8058.
    """
    payload = {
        "c": contact.public_id.hex,
        "l": mailing_list.public_id.hex if mailing_list else None,
        "d": delivery_public_id.hex if delivery_public_id else None,
    }
    path = reverse("wagtail_flows:unsubscribe", args=[tokens.make(tokens.UNSUBSCRIBE, payload)])
    return absolute_url(path, site or (mailing_list.site if mailing_list else None))
