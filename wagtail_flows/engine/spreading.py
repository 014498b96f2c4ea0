"""After a pause: what has fallen due meanwhile is spread over time, never done in a burst.

Each wait's own policy of lateness decides when its turn comes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable

from wagtail_flows.engine.gates import HELD_FOR
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.promised import promised
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario


# Without common divisors with any likely number of seconds: rows side by side fall on moments far apart.
STRIDE = 7919
A_SECOND = timedelta(seconds=1)


def spread_overdue(*, scenario: Scenario, spread: timedelta, **kwargs: Any) -> None:
    """Receiver of `resumed`: give everybody who is overdue, and every e-mail that was held, a moment of their own, one
    a second, or as many as it takes to fit into `spread`. Two statements, however many they are.
    """
    now = clock.now()
    people, mails = overdue(scenario, now), held(scenario, now)
    if moment := _moment(people, now, spread):
        # How late they are counts from what was promised, also if they are moved before their turn.
        people.update(kept_until=promised(), due_at=moment)
    if moment := _moment(mails, now, spread):
        mails.update(due_at=moment)


def overdue(scenario: Scenario, now: datetime) -> QuerySet[Enrollment]:
    """Who was to go on by now."""
    return Enrollment.objects.active().filter(scenario=scenario, due_at__lte=now)


def held(scenario: Scenario, now: datetime) -> QuerySet[Delivery]:
    """What would have been handed over by now, or is looked at again soon because it was held."""
    waiting: QuerySet[Delivery] = Delivery.objects.waiting()
    return waiting.filter(visit__enrollment__scenario=scenario, due_at__lte=now + HELD_FOR)


def _moment(rows: QuerySet[Any], now: datetime, spread: timedelta) -> Combinable | None:
    """What each of them gets; None: they are too few, or the time too short."""
    seconds = min(int(spread.total_seconds()), rows.count())
    if seconds <= 1:
        return None
    turn = ExpressionWrapper(F("pk") * STRIDE % seconds, output_field=IntegerField())
    later = ExpressionWrapper(turn * Value(A_SECOND), output_field=DurationField())
    return ExpressionWrapper(Value(now) + later, output_field=DateTimeField())
