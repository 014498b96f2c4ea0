"""Models of the messages room."""

from __future__ import annotations

from wagtail_flows.messages.delivery_models import Basis, Delivery, Stream
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.settings_model import SenderSettings


__all__ = ["Basis", "Delivery", "Message", "SenderSettings", "Stream"]
