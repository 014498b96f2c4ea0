"""When the next e-mail would go, to somebody at a step. Pure: the steps themselves are asked, at moments to come.

What hangs on the person (a condition, a property, an event that may happen) or on what started it (its data, its date)
isn't known beforehand: then every way out counts, and the earliest e-mail is told as uncertain.
"""

from __future__ import annotations

import heapq

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import assert_never

from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.outcomes import (
    Change,
    ChangeSubscription,
    Continue,
    Dispatch,
    Finish,
    Outcome,
    Send,
    Wait,
    WaitForEvent,
)
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


HAPPENED, TIMEOUT = "happened", "timeout"


@dataclass(frozen=True)
class NextMail:
    """The e-mail with the translation key `message` would go `at` (aware); `is_certain`: else then at the earliest."""

    at: datetime
    message: str
    is_certain: bool


@dataclass(frozen=True, order=True)
class _Arrival:
    """Somebody stands at `step` from `at` on. `kept_until`: they have waited there until then."""

    at: datetime
    is_uncertain: bool
    step: str
    entered_at: datetime
    kept_until: datetime | None = field(default=None, compare=False)


def next_mail(
    graph: Graph,
    step: str,
    at: datetime,
    *,
    entered_at: datetime | None = None,
    waits_until: datetime | None = None,
    zone: tzinfo = UTC,
) -> NextMail | None:
    """The first e-mail from here; None where none comes any more. `entered_at`: when this step was come to (else `at`);
    `waits_until`: when the step goes on, where that is settled.
    """
    waiting = list(_first(graph, _Arrival(at, False, step, entered_at or at, waits_until), zone))
    seen: set[tuple[str, bool]] = set()
    while waiting:
        arrival = heapq.heappop(waiting)
        place = (arrival.step, arrival.kept_until is not None)
        if arrival.step not in graph.by_id or place in seen:
            continue
        seen.add(place)
        standing_at = graph.by_id[arrival.step]
        outcome = _decided(standing_at, arrival, zone)
        if outcome is None or _hangs_on_more(standing_at, arrival):
            arrival = replace(arrival, is_uncertain=True)
            for outlet in standing_at.outlets:
                heapq.heappush(waiting, _left(standing_at, outlet, arrival))
        if isinstance(outcome, Send):
            return NextMail(arrival.at, outcome.message, not arrival.is_uncertain)
        for following in _following(standing_at, arrival, outcome):
            heapq.heappush(waiting, following)
    return None


def _first(graph: Graph, now: _Arrival, zone: tzinfo) -> Iterable[_Arrival]:
    """Who waits until some moment goes on then; who waits for an event, perhaps before. Whether they do, the step says,
    asked as when they came to it: it may have happened, too, where their time is over and nobody has looked since.
    """
    if now.kept_until is None:
        return [now]
    until = max(now.at, now.kept_until)
    step = graph.by_id.get(now.step)
    outcome = _decided(step, replace(now, at=now.entered_at, kept_until=None), zone) if step is not None else None
    if step is not None and isinstance(outcome, WaitForEvent):
        return _following(step, now, replace(outcome, until=until))
    return [replace(now, at=until)]


def _decided(step: Step, arrival: _Arrival, zone: tzinfo) -> Outcome | None:
    """What the step would decide about somebody of whom nothing is known; None where it can't be asked so."""
    situation = Situation(
        now=arrival.at,
        entered_at=arrival.entered_at,
        step_entered_at=arrival.entered_at,
        zone=zone,
        kept_until=arrival.kept_until,
    )
    try:
        return step.decide(situation)
    except Exception:  # noqa: BLE001  (a step of somebody else that can't be asked beforehand: nobody knows)
        return None


def _hangs_on_more(step: Step, arrival: _Arrival) -> bool:
    """Whether it could decide otherwise about somebody who is known. A wait whose moment is settled asks no event."""
    asks_the_event = step.asks_the_event and not (step.is_wait and arrival.kept_until)
    return bool(step.questions()) or step.is_personal or asks_the_event


def _following(step: Step, arrival: _Arrival, outcome: Outcome | None) -> Iterator[_Arrival]:
    match outcome:
        case Wait(until=until):
            yield replace(arrival, at=until, kept_until=until)
        case WaitForEvent(until=until):
            uncertain = replace(arrival, is_uncertain=True)
            yield _left(step, HAPPENED, uncertain)
            yield _left(step, TIMEOUT, replace(uncertain, at=until))
        case Continue() | Dispatch() | Change() | ChangeSubscription() | Send():
            yield _left(step, outcome.outlet, arrival)
        case Finish() | None:
            return
        case _:
            assert_never(outcome)


def _left(step: Step, outlet: str, arrival: _Arrival) -> _Arrival:
    return _Arrival(arrival.at, arrival.is_uncertain, step.outlets.get(outlet, ""), arrival.at)
