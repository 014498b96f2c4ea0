"""What the engine registers below it: its gates at the hand-over, and its ear for corrected events."""

from __future__ import annotations

from wagtail_flows.engine import gates
from wagtail_flows.engine.listening import look_again
from wagtail_flows.events.signals import corrected


def register() -> None:
    """Register all of it. Doing it again changes nothing."""
    gates.register()
    corrected.connect(look_again, dispatch_uid="wagtail_flows.engine")
