"""Hearing what anymail's webhooks tell. Imported only where anymail is among the installed apps.

It runs in the provider's request. A database that is away fails the request, and the provider tells the whole batch
again later. Anything else that goes wrong with one event is logged: told again it would go wrong again, and keep the
others from being heard.
"""

from __future__ import annotations

import logging

from typing import Any

from anymail.signals import tracking
from django.db import InterfaceError, OperationalError

from wagtail_flows.lib import clock
from wagtail_flows.messages.feedback.applying import apply
from wagtail_flows.messages.feedback.reports import read


logger = logging.getLogger("wagtail_flows.messages")


def connect() -> None:
    """Listen. Doing it again changes nothing."""
    tracking.connect(receive, dispatch_uid="wagtail_flows.messages.feedback")


def receive(sender: object, event: Any, esp_name: str, **kwargs: Any) -> None:
    """Apply one tracking event. Raises OperationalError and InterfaceError only."""
    try:
        report = read(event, esp_name)
        if report is not None:
            apply(report, clock.now())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # What it says is left out of the log: strangers may have written it, or it names somebody.
        logger.exception("A report of %s couldn't be applied.", esp_name)
