"""The brake of the hour: more sent than was foreseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from wagtail_flows.engine.brakes.forecast import REMEMBERED, forecast, moments_of_people
from wagtail_flows.engine.brakes.models import SendingHour
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios import brakes
from wagtail_flows.scenarios.brakes import Tripped
from wagtail_flows.scenarios.models import Scenario


# How often the rates of one scenario are looked at.
RATES_EVERY = timedelta(minutes=1)


def hour_of(now: datetime) -> datetime:
    """The hour of the clock that `now` is in."""
    return now.replace(minute=0, second=0, microsecond=0)


def hours(scenarios: Mapping[int, Scenario], now: datetime) -> dict[int, SendingHour]:
    """This hour's row of each, by the scenario's primary key; made where this is its first mail. One query."""
    rows = SendingHour.objects.filter(scenario__in=list(scenarios), starts_at=hour_of(now))
    found = {row.scenario_id: row for row in rows}
    missing = [pk for pk in scenarios if pk not in found]
    if missing:
        _make(missing, now)
        found |= {row.scenario_id: row for row in rows.all()}
    return found


def _make(scenario_ids: Collection[int], now: datetime) -> None:
    """This hour's rows, in the place of those that are forgotten."""
    SendingHour.objects.filter(scenario__in=scenario_ids, starts_at__lt=hour_of(now) - 2 * REMEMBERED).delete()
    new = [SendingHour(scenario_id=pk, starts_at=hour_of(now)) for pk in scenario_ids]
    SendingHour.objects.bulk_create(new, ignore_conflicts=True)


def too_many(scenario: Scenario, row: SendingHour, coming: int, now: datetime) -> Tripped | None:
    """Whether sending `coming` more is beyond what is foreseen; asked anew before the brake is pulled."""
    if _is_stale(row, scenario):
        row.base = row.count
        _look_ahead(scenario, row, now)
    if _is_beyond(row, coming) and scenario.most_an_hour is None:
        # What was foreseen when the hour began is being sent by now.
        _look_ahead(scenario, row, now, at_least=row.allowed or 0)
    if not _is_beyond(row, coming):
        return None
    return Tripped(brakes.HOUR, {"count": row.count + coming, "most": row.base + (row.allowed or 0)})


def _is_beyond(row: SendingHour, coming: int) -> bool:
    return row.count - row.base + coming > (row.allowed or 0)


def _is_stale(row: SendingHour, scenario: Scenario) -> bool:
    """Never asked, asked before a person last resumed or published, or another limit was set meanwhile: what was sent
    until then has been seen, and counts no more.
    """
    if row.allowed is None or row.forecast_at is None:
        return True
    if scenario.most_an_hour not in (None, row.allowed):
        return True
    asked_at = row.forecast_at
    return any(moment > asked_at for moment in moments_of_people(scenario))


def _look_ahead(scenario: Scenario, row: SendingHour, now: datetime, at_least: int = 0) -> None:
    most = scenario.most_an_hour
    row.allowed = max(forecast(scenario, now), at_least) if most is None else most
    row.forecast_at = now
    row.save(update_fields=["allowed", "forecast_at", "base"])


def is_time_for_rates(row: SendingHour, now: datetime) -> bool:
    """Whether the caller is the one who looks at bounces and complaints now."""
    due = SendingHour.objects.filter(Q(rates_at=None) | Q(rates_at__lte=now - RATES_EVERY), pk=row.pk)
    if row.rates_at is not None and row.rates_at > now - RATES_EVERY:
        return False
    return due.update(rates_at=now) == 1


def count_begun(deliveries: Sequence[Delivery]) -> None:
    """Add what was just handed over: one statement for each scenario of the batch."""
    now = clock.now()
    counted = Counter(one.scenario_id for one in deliveries if one.scenario_id)
    for scenario_id, count in counted.items():
        rows = SendingHour.objects.filter(scenario=scenario_id, starts_at=hour_of(now))
        rows.update(count=F("count") + count)


def note_let_in(scenario_id: int, count: int, now: datetime) -> None:
    """Add people whom publishing has just let in: what they will be sent is foreseen. In the transaction that lets them
    in.
    """
    if not count:
        return
    mine = SendingHour.objects.filter(scenario=scenario_id, starts_at=hour_of(now))
    if not mine.update(let_in=F("let_in") + count):
        _make([scenario_id], now)
        mine.update(let_in=F("let_in") + count)
