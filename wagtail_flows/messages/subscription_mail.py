"""What contacts asks to be told by mail: it is queued in the transaction in which it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wagtail_flows.contacts.models import Subscription
from wagtail_flows.messages.confirmations import IS_INVITED
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.queueing import NewDelivery, queue


def queue_confirmation(*, subscription: Subscription, locale: str = "", **_signal: Any) -> None:
    """Send the confirmation link of this round, in the language that was used. Receiver of `confirmation_wanted`."""
    _queue(subscription, Delivery.Kind.CONFIRMATION, locale)


def queue_invitations(*, subscriptions: Sequence[Subscription], **_signal: Any) -> None:
    """Send each its confirmation link, in the contact's language, to who didn't ask for it. Receiver of
    `invitations_wanted`.
    """
    kind = Delivery.Kind.CONFIRMATION
    queue([_wish(subscription, kind, "", {IS_INVITED: True}) for subscription in subscriptions])


def queue_already_subscribed(*, subscription: Subscription, locale: str = "", **_signal: Any) -> None:
    """Tell the owner of an address that it is on the list already. Receiver of `already_subscribed`."""
    _queue(subscription, Delivery.Kind.ALREADY_SUBSCRIBED, locale)


def _queue(subscription: Subscription, kind: str, locale: str) -> None:
    queue([_wish(subscription, kind, locale, {})])


def _wish(subscription: Subscription, kind: str, locale: str, told: dict[str, Any]) -> NewDelivery:
    return NewDelivery(
        subscription.contact_id,
        kind=kind,
        mailing_list_id=subscription.mailing_list_id,
        context={"subscription": str(subscription.public_id), "round": subscription.round, **told},
        locale=locale,
    )
