"""Holding everybody inside a scenario where they are, and letting them go on."""

from __future__ import annotations

from wagtail_flows.lib import bell
from wagtail_flows.scenarios.models import Scenario


def pause(scenario: Scenario) -> bool:
    """Nobody moves on and nothing is sent; people still come in. Answers whether that is new."""
    return bool(Scenario.objects.filter(pk=scenario.pk, is_paused=False).update(is_paused=True))


def resume(scenario: Scenario) -> bool:
    """Go on; what fell due meanwhile is looked at now. Answers whether that is new."""
    is_new = bool(Scenario.objects.filter(pk=scenario.pk, is_paused=True).update(is_paused=False))
    if is_new:
        bell.ring()
    return is_new
