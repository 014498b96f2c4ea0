"""How many e-mails an hour are foreseen for a scenario: simple enough to be explained to whoever it surprises.

the most of  1,000 (a small shop is never stopped by a forecast)
             three times its busiest hour of the last fourteen days
             one and a half times the people whom somebody let in by hand, or by publishing, within the last day
             one and a half times what waited when somebody resumed or published it within the last hour
             one and a half times the people who are inside since yesterday and whose e-mail is due this hour, unless an
                 event of today made it so
             three times the people whose date comes round on a usual day
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Exists, Max, OuterRef, Sum

from wagtail_flows.contacts.models import ContactProperty
from wagtail_flows.engine.brakes.models import SendingHour
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.starting import MANUAL
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.occurrences import Repeat
from wagtail_flows.scenarios.triggers.date import DateTrigger


LEAST = 1_000
TIMES_BUSIEST = TIMES_USUAL = 3
REMEMBERED = timedelta(days=14)
ANNOUNCED = timedelta(days=1)
HOUR = timedelta(hours=1)
DAYS_OF = {Repeat.YEARLY: 365, Repeat.MONTHLY: 30}


def foreseen(busiest: int, announced: int = 0, waiting: int = 0, patient: int = 0, a_day: int = 0) -> int:
    """The forecast from what was counted. Pure."""
    people = max(announced, waiting, patient)
    return max(LEAST, TIMES_BUSIEST * busiest, (people * 3 + 1) // 2, TIMES_USUAL * a_day)


def forecast(scenario: Scenario, now: datetime) -> int:
    """How many e-mails this hour may bring. Seven queries at most, and one for each date it starts with; asked once an
    hour, and before a brake is pulled.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    past = SendingHour.objects.filter(scenario=scenario, starts_at__lt=hour, starts_at__gte=hour - REMEMBERED)
    return foreseen(
        busiest=past.aggregate(most=Max("count"))["most"] or 0,
        announced=_announced(scenario, now),
        waiting=_waiting(scenario, now) if _was_let_go(scenario, now) else 0,
        patient=_patient(scenario, hour, now),
        a_day=_on_a_usual_day(scenario),
    )


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


def _patient(scenario: Scenario, hour: datetime, now: datetime) -> int:
    """Who came in before today, and gets an e-mail in this hour because time has passed: those who still stand at a
    step, and those whose e-mail is queued.
    """
    since, end = now - ANNOUNCED, hour + HOUR
    inside = Enrollment.objects.active().filter(scenario=scenario, due_at__lte=end, entered_at__lte=since)
    queued = Delivery.objects.filter(
        scenario=scenario, status=Delivery.Status.QUEUED, due_at__lte=end, visit__enrollment__entered_at__lte=since
    )
    standing = inside.exclude(_woken(OuterRef("heard_event_id"), since)).count()
    return standing + queued.exclude(_woken(OuterRef("visit__enrollment__heard_event_id"), since)).count()


def _woken(event_id: OuterRef, since: datetime) -> Exists:
    return Exists(Event.objects.filter(pk=event_id, recorded_at__gt=since))


def _on_a_usual_day(scenario: Scenario) -> int:
    """How many people a date of theirs lets in on a day, if they are spread over the year, or over the month."""
    version = scenario.current_version
    triggers = version.graph.get("triggers", ()) if version else ()
    return sum(
        ceil(ContactProperty.objects.filter(property__name=one.get("property"), date__isnull=False).count() / days)
        for one in triggers
        if one.get("kind") == DateTrigger.kind and (days := DAYS_OF.get(one.get("repeat")))
    )


def _waiting(scenario: Scenario, now: datetime) -> int:
    """What falls due within an hour: people at their steps, and e-mails that are queued already."""
    soon = now + HOUR
    inside = Enrollment.objects.active().filter(scenario=scenario, due_at__lte=soon).count()
    queued = Delivery.objects.filter(scenario=scenario, status=Delivery.Status.QUEUED, due_at__lte=soon).count()
    return inside + queued
