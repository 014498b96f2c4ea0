"""Models of the messages room."""

from __future__ import annotations

from wagtail_flows.messages.delivery_models import Basis, Delivery, Stream
from wagtail_flows.messages.limits_model import SendingLimits
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.rates.models import ProviderRate, SendingDay, SendingRates, TokenBucket
from wagtail_flows.messages.settings_model import SenderSettings
from wagtail_flows.messages.webhook_model import WebhookEndpoint


__all__ = [
    "Basis",
    "Delivery",
    "Message",
    "ProviderRate",
    "SenderSettings",
    "SendingDay",
    "SendingLimits",
    "SendingRates",
    "Stream",
    "TokenBucket",
    "WebhookEndpoint",
]
