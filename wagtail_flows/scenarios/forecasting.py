"""When the next e-mail would go, to somebody at a step. Pure: the steps themselves are asked, at moments to come.

What hangs on the person (a condition, a property, an event that may happen) isn't known beforehand: then every way out
counts, and the earliest e-mail is told as uncertain.
"""

from __future__ import annotations

import heapq

from collections.abc import Iterator
from dataclasses import dataclass, field
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
    waiting = [_Arrival(max(at, waits_until or at), False, step, entered_at or at, waits_until)]
    seen: set[tuple[str, bool]] = set()
    while waiting:
        arrival = heapq.heappop(waiting)
        place = (arrival.step, arrival.kept_until is not None)
        if arrival.step not in graph.by_id or place in seen:
            continue
        seen.add(place)
        outcome = _decided(graph.by_id[arrival.step], arrival, zone)
        if isinstance(outcome, Send):
            return NextMail(arrival.at, outcome.message, not arrival.is_uncertain)
        for following in _following(graph.by_id[arrival.step], arrival, outcome):
            heapq.heappush(waiting, following)
    return None


def _decided(step: Step, arrival: _Arrival, zone: tzinfo) -> Outcome | None:
    """What the step would decide; None where only the person could tell."""
    if step.questions():
        return None
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


def _following(step: Step, arrival: _Arrival, outcome: Outcome | None) -> Iterator[_Arrival]:
    match outcome:
        case None:
            yield from (_left(step, outlet, arrival.at, is_uncertain=True) for outlet in step.outlets)
        case Wait(until=until):
            yield _Arrival(until, arrival.is_uncertain, step.id, arrival.entered_at, until)
        case WaitForEvent(until=until):
            yield _left(step, HAPPENED, arrival.at, is_uncertain=True)
            yield _left(step, TIMEOUT, until, is_uncertain=True)
        case Continue() | Dispatch() | Change() | ChangeSubscription() | Send():
            yield _left(step, outcome.outlet, arrival.at, is_uncertain=arrival.is_uncertain)
        case Finish():
            return
        case _:
            assert_never(outcome)


def _left(step: Step, outlet: str, at: datetime, *, is_uncertain: bool) -> _Arrival:
    return _Arrival(at, is_uncertain, step.outlets.get(outlet, ""), at)
