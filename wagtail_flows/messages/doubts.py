"""What to do about a delivery of which nobody knows whether it was taken: in a sentence, by its channel."""

from __future__ import annotations

from django.utils.translation import gettext

from wagtail_flows.messages.channels.sms import SMS
from wagtail_flows.messages.channels.webhook import WEBHOOK
from wagtail_flows.messages.delivery_models import Delivery


def doubt_about(delivery: Delivery) -> str:
    """What happened, where to look, and that it isn't repeated."""
    if delivery.channel == WEBHOOK:
        told = gettext(
            "The connection broke while this call was being made: nobody knows whether the receiver took it. It is "
            "never made again by itself. Ask the receiver for the webhook-id %(id)s, then say what you found."
        )
        return told % {"id": delivery.public_id}
    if delivery.channel == SMS:
        return gettext(
            "The connection broke while this SMS was being handed over: nobody knows whether the provider took it. It "
            "is never sent again by itself. Look into the provider’s list, then say what you found."
        )
    return gettext(
        "The connection broke while this e-mail was being handed over: nobody knows whether the mail server took it. "
        "It is never sent again by itself. Look into the log of your mail server, then say what you found."
    )
