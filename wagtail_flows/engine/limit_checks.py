"""System checks of the settings that limit what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from wagtail_flows.conf import conf
from wagtail_flows.engine.site_limits import quiet_hours
from wagtail_flows.messages.models import Stream


SPANS = {"a_day", "a_week"}


@register()
def limits_make_sense(**kwargs: Any) -> list[CheckMessage]:
    """E010: FLOWS_FREQUENCY_CAPS isn't understood. E011: FLOWS_QUIET_HOURS isn't. E012: a rate isn't."""
    return [*_caps(), *_quiet_hours(), *_rates("TRANSPORT_RATES"), *_rates("PROVIDER_RATES")]


def _caps() -> Iterator[CheckMessage]:
    caps = conf.FREQUENCY_CAPS
    if isinstance(caps, dict) and not all(_is_cap(stream, cap) for stream, cap in caps.items()):
        yield Error(
            f"FLOWS_FREQUENCY_CAPS isn't understood: {caps!r}.",
            hint='Write {"commercial": {"a_day": 2, "a_week": 5}}: streams, and numbers of at least 1.',
            id="wagtail_flows.E010",
        )


def _is_cap(stream: Any, cap: Any) -> bool:
    if stream not in Stream.values or not isinstance(cap, dict):
        return False
    return cap.keys() <= SPANS and all(_is_positive(most) for most in cap.values())


def _quiet_hours() -> Iterator[CheckMessage]:
    text = conf.QUIET_HOURS
    try:
        if isinstance(text, str):
            quiet_hours(text)
    except ValueError:
        yield Error(
            f"FLOWS_QUIET_HOURS isn't understood: {text!r}.",
            hint='Write two times of the day, such as "21:00-08:00".',
            id="wagtail_flows.E011",
        )


def _rates(name: str) -> Iterator[CheckMessage]:
    rates = getattr(conf, name)
    if isinstance(rates, dict) and not all(isinstance(key, str) and _is_positive(most) for key, most in rates.items()):
        yield Error(
            f"FLOWS_{name} isn't understood: {rates!r}.",
            hint='Write {"name": 60}: how many in a minute, at least 1.',
            id="wagtail_flows.E012",
        )


def _is_positive(value: Any) -> bool:
    return type(value) is int and value >= 1
