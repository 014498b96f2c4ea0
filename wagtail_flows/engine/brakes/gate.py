"""The brakes at the hand-over: asked of what would really go, once for a batch, never for each mail.

For a batch: one query for its scenarios, one for what its contacts got of them within a day, one for the hour; those of
bounces and complaints once a minute. What a worker pauses here, the others see at their next mail: each asks whether
its scenario is paused. So several workers go at most some mails beyond: a brake stops what has gone wild, it isn't a
cap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from wagtail_flows.engine.brakes import hours
from wagtail_flows.engine.brakes.rates import too_many_bad
from wagtail_flows.engine.gates import HELD_FOR, PAUSED
from wagtail_flows.engine.holding_back import COUNTED
from wagtail_flows.lib import clock
from wagtail_flows.messages import gates
from wagtail_flows.messages.channels.port import reaches_contact
from wagtail_flows.messages.gates import Hold, Verdict
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios import brakes
from wagtail_flows.scenarios.brakes import Tripped
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.pausing import brake


DAY = timedelta(days=1)
# Scenario, contact.
Passage = tuple[int, int]


def register() -> None:
    """Put the brakes behind the gates. Doing it again changes nothing."""
    gates.register_brake(within_brakes)
    gates.register_ear(count_begun)


def count_begun(deliveries: Sequence[Delivery]) -> None:
    """Note how many of each scenario were handed over."""
    hours.count_begun([one for one in deliveries if reaches_contact(one.channel)])


def within_brakes(deliveries: Sequence[Delivery]) -> Mapping[int, Verdict]:
    """Pause the scenarios that go beyond a brake, and hold what they send, or what paused ones would."""
    going = [one for one in deliveries if one.scenario_id is not None and reaches_contact(one.channel)]
    if not going:
        return {}
    now = clock.now()
    stopped = _stopped(going, now)
    return {one.pk: Hold(now + HELD_FOR, PAUSED) for one in going if one.scenario_id in stopped}


def _stopped(going: Sequence[Delivery], now: datetime) -> set[int]:
    wanted = Scenario.objects.filter(pk__in={one.scenario_id for one in going})
    scenarios = wanted.select_related("current_version").defer("graph", "current_version__graph").in_bulk()
    running = {pk: scenario for pk, scenario in scenarios.items() if not scenario.is_paused}
    found = dict(_tripped(running, going, now))
    for pk, tripped in found.items():
        brake(running[pk], tripped)
    return set(found) | (scenarios.keys() - running.keys())


def _tripped(
    scenarios: Mapping[int, Scenario], going: Sequence[Delivery], now: datetime
) -> Iterator[tuple[int, Tripped]]:
    """The first brake of each scenario that is beyond."""
    coming = Counter(one.scenario_id for one in going)
    to_contacts = _too_many_to_contact(scenarios, going, now)
    rows = hours.hours(scenarios, now)
    for pk, scenario in scenarios.items():
        tripped = to_contacts.get(pk) or hours.too_many(scenario, rows[pk], coming[pk], now)
        if tripped is None and hours.is_time_for_rates(rows[pk], now):
            tripped = too_many_bad(scenario, now)
        if tripped is not None:
            yield pk, tripped


def _too_many_to_contact(
    scenarios: Mapping[int, Scenario], going: Sequence[Delivery], now: datetime
) -> dict[int, Tripped]:
    """Scenarios that have sent one contact as much as a day allows, and would send more."""
    counted: Counter[Passage] = Counter((one.scenario_id or 0, one.contact_id) for one in going)
    for scenario_id, contact_id, sending_at in _sent(scenarios, going, now):
        is_wanted = (scenario_id, contact_id) in counted
        resumed_at = scenarios[scenario_id].resumed_at
        counted[scenario_id, contact_id] += is_wanted and (resumed_at is None or (sending_at or now) >= resumed_at)
    return {
        scenario_id: _to_contact(contact_id, scenarios[scenario_id])
        for (scenario_id, contact_id), count in counted.items()
        if scenario_id in scenarios and count > scenarios[scenario_id].most_to_contact_a_day
    }


def _to_contact(contact_id: int, scenario: Scenario) -> Tripped:
    return Tripped(brakes.CONTACT_DAY, {"contact": contact_id, "most": scenario.most_to_contact_a_day})


def _sent(
    scenarios: Mapping[int, Scenario], going: Sequence[Delivery], now: datetime
) -> Iterable[tuple[int, int, datetime | None]]:
    """What these contacts got of these scenarios within a day, by the same channels: scenario, contact, moment."""
    found: Iterable[tuple[int, int, datetime | None]] = (
        Delivery.objects.order_by()
        .filter(contact__in={one.contact_id for one in going}, scenario__in=list(scenarios))
        .filter(channel__in={one.channel for one in going}, status__in=COUNTED, sending_at__gt=now - DAY)
        .values_list("scenario_id", "contact_id", "sending_at")
    )
    return found
