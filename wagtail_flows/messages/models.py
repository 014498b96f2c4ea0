"""Models of the messages room."""

from __future__ import annotations

from wagtail_flows.messages.delivery_models import Basis, Delivery, Stream


__all__ = ["Basis", "Delivery", "Stream"]
