"""How many e-mails an hour are foreseen for a scenario: simple enough to be explained to whoever it surprises.

the most of  1,000 (a small shop is never stopped by a forecast)
             three times its busiest hour of the last fourteen days
             one and a half times the people whom somebody let in by hand, or by publishing, within the last day
             one and a half times what waited when somebody resumed or published it within the last hour
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max, Sum

from wagtail_flows.engine.brakes.models import SendingHour
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.starting import MANUAL
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario


LEAST = 1_000
TIMES_BUSIEST = 3
REMEMBERED = timedelta(days=14)
ANNOUNCED = timedelta(days=1)
HOUR = timedelta(hours=1)


def foreseen(busiest: int, announced: int, waiting: int) -> int:
    """The forecast from what was counted. Pure."""
    return max(LEAST, TIMES_BUSIEST * busiest, (announced * 3 + 1) // 2, (waiting * 3 + 1) // 2)


def forecast(scenario: Scenario, now: datetime) -> int:
    """How many e-mails this hour may bring. Five queries at most; asked once an hour, and before a brake is pulled."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    past = SendingHour.objects.filter(scenario=scenario, starts_at__lt=hour, starts_at__gte=hour - REMEMBERED)
    busiest = past.aggregate(most=Max("count"))["most"] or 0
    return foreseen(busiest, _announced(scenario, now), _waiting(scenario, now) if _was_let_go(scenario, now) else 0)


def moments_of_people(scenario: Scenario) -> list[datetime]:
    """When somebody last resumed or published it, as far as that is known."""
    version = scenario.current_version
    return [moment for moment in (scenario.resumed_at, version.published_at if version else None) if moment]


def _was_let_go(scenario: Scenario, now: datetime) -> bool:
    return any(now - HOUR < moment <= now for moment in moments_of_people(scenario))


def _announced(scenario: Scenario, now: datetime) -> int:
    """People let in within the last day by hand, or by publishing."""
    return _by_hand(scenario, now - ANNOUNCED) + _by_publishing(scenario, now - ANNOUNCED)


def _by_hand(scenario: Scenario, since: datetime) -> int:
    version = scenario.current_version
    if version is None:
        return 0
    triggers = list(_manual_triggers(version.graph.get("triggers", ())))
    without_event = Enrollment.objects.filter(scenario=scenario, entered_at__gt=since, trigger_event=None)
    return without_event.filter(trigger_id__in=triggers).count()


def _by_publishing(scenario: Scenario, since: datetime) -> int:
    """As noted when they came in: whoever an event of the past let in can't be told from others without many looks."""
    noted = SendingHour.objects.filter(scenario=scenario, starts_at__gt=since - HOUR)
    return noted.aggregate(people=Sum("let_in"))["people"] or 0


def _manual_triggers(triggers: Iterable[dict[str, str]]) -> Iterable[str]:
    return (trigger["id"] for trigger in triggers if trigger.get("kind") == MANUAL)


def _waiting(scenario: Scenario, now: datetime) -> int:
    """What falls due within an hour: people at their steps, and e-mails that are queued already."""
    soon = now + HOUR
    inside = Enrollment.objects.active().filter(scenario=scenario, due_at__lte=soon).count()
    queued = Delivery.objects.filter(scenario=scenario, status=Delivery.Status.QUEUED, due_at__lte=soon).count()
    return inside + queued
