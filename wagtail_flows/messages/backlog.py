"""Whether deliveries are overdue, or only wait for their turn under a rate.

A gate that holds a delivery back gives it a moment to come, so what quiet hours, caps and the warm-up delay isn't due.
A rate gives none: its queue is long, the oldest in it fell due hours ago, and all is as it should be as long as some
are handed over. Tokens alone don't prove that: a worker that fails with each batch takes them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.db.models import Q

from wagtail_flows.messages.deliver import queues
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.rates.limits import rates_of
from wagtail_flows.messages.rates.taking import next_moment


# The slowest rate lets one go each minute.
LATELY = timedelta(minutes=5)


def overdue_since(now: datetime) -> datetime | None:
    """Since when the first delivery has waited that should have been handed over (a moment to come: none has); None
    where nothing waits.
    """
    return min(_moments(now), default=None)


def _moments(now: datetime) -> Iterator[datetime]:
    for channel, stream in queues():
        waiting = Delivery.objects.waiting().filter(channel=channel.name, stream=stream)
        moment = next_moment(channel.name, stream, waiting)
        if moment is not None and not (rates_of(channel.name, stream).is_pacing and _moves(channel.name, stream, now)):
            yield moment


def _moves(channel: str, stream: str, now: datetime) -> bool:
    """Whether anything of the queue was handed over lately, by the index that counts what each scenario sends."""
    lately = Delivery.objects.filter(channel=channel, stream=stream, sending_at__gt=now - LATELY)
    scenarios = apps.get_model("wagtail_flows", "Scenario")._default_manager.order_by().values("pk")
    return any(lately.filter(of).exists() for of in (Q(scenario__in=scenarios), Q(scenario=None)))
