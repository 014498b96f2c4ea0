"""What the engine registers below it: its gates at the hand-over, and its ear for corrected events."""

from __future__ import annotations

from wagtail_flows.engine import gates


def register() -> None:
    """Register all of it. Doing it again changes nothing."""
    gates.register()
