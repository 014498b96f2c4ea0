"""Holding everybody inside a scenario where they are, and letting them go on."""

from __future__ import annotations

import logging

from datetime import timedelta
from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from wagtail_flows.lib import bell, clock
from wagtail_flows.scenarios.brakes import Tripped
from wagtail_flows.scenarios.log_actions import BRAKE_ACTION
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.signals import resumed


AN_HOUR = timedelta(hours=1)


logger = logging.getLogger("wagtail_flows")


def pause(scenario: Scenario) -> bool:
    """Nobody moves on and nothing is sent; people still come in. Answers whether that is new."""
    return _pause(scenario, brake="", brake_numbers={})


def brake(scenario: Scenario, tripped: Tripped) -> bool:
    """Pause because of what was counted, and tell it: in the history of the scenario, on its page, in the log. Answers
    whether that is new: of several workers that see it at once one tells it.
    """
    numbers = dict(tripped.numbers)
    is_new = _pause(scenario, brake=tripped.code, brake_numbers=numbers)
    if is_new:
        log(scenario, BRAKE_ACTION, data={"brake": tripped.code, "numbers": numbers})
        logger.error("A brake paused the scenario “%s”: %s %s", scenario, tripped.code, numbers)
    return is_new


def _pause(scenario: Scenario, **told: Any) -> bool:
    running = Scenario.objects.filter(pk=scenario.pk, is_paused=False)
    return bool(running.update(is_paused=True, paused_at=clock.now(), **told))


def resume(scenario: Scenario, spread: timedelta = AN_HOUR) -> bool:
    """Go on; what fell due meanwhile is looked at from now on, spread over that time at most, and brakes count from
    here. Answers whether that is new.
    """
    values: dict[str, Any] = {
        "is_paused": False,
        "paused_at": None,
        "brake": "",
        "brake_numbers": {},
        "resumed_at": clock.now(),
    }
    with transaction.atomic():
        is_new = bool(Scenario.objects.filter(pk=scenario.pk, is_paused=True).update(**values))
        if is_new:
            resumed.send(Scenario, scenario=scenario, spread=spread)
            bell.ring()
    return is_new
