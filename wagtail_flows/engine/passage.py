"""Enrollments on their way through the steps of one batch, in memory. What they collect is written for all at once
afterwards.

Those of whom everything is equal but who they are go together, and are decided about once: hundreds who came in at the
same moment take little more than one. They part where the answers about them differ.
"""

from __future__ import annotations

import copy

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple, Self, assert_never

from wagtail_flows.contacts.property_batches import Changed
from wagtail_flows.contacts.subscription_batches import Became
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.promised import NOTHING
from wagtail_flows.engine.subscribing import WAITING, arm, disarm, wake
from wagtail_flows.exceptions import FlowsError
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
from wagtail_flows.scenarios.situation import EventSnapshot, Situation
from wagtail_flows.scenarios.step import Step


# How long after the first, second, … failure of a step it is tried again. After the last one a person must look.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
# Steps passed in one moment, without any waiting: more is a circle.
MOST_STEPS_AT_ONCE = 200
LONGEST_ERROR = 2_000
END_OF_PATH = "end"


class StepLost(FlowsError):
    """The step isn't in this version, or its kind is no longer installed: install it again, or take the contact out."""


class WaitsForThePast(FlowsError):
    """A step asked to be woken at a moment that has passed: correct its `decide`, which would be asked for ever."""


class GoesInCircles(FlowsError):
    """Too many steps without any waiting: put a wait into the circle."""


class Insider(NamedTuple):
    """One person inside: who, by which enrollment."""

    enrollment_id: int
    contact_id: int


@dataclass(frozen=True, slots=True)
class Left:
    """A step that was left: a Visit to be, of each insider. `seen` may be added to until it is stored."""

    number: int
    step: str
    kind: str
    entered_at: datetime
    left_at: datetime
    outlet: str
    outcome: str
    seen: dict[str, Any]


@dataclass
class Passage:
    """`enrollment` is the first of the `insiders`, changed in memory only; the others are equal to it. `graph` is their
    version's, `event` what started them, `zone` that of the contacts, `scenario` its public id, `contact` that of who
    goes alone, where a step must know it.

    `visits` are the steps left in this batch, `sends` the e-mails and `changes` the changes asked for with the visit
    they belong to, `changed` those that were made; `list_changes` and `lists_changed` likewise. `visit_ids`: once they
    are stored, by the visit's number those of each insider, in order. `is_moving`: there is a next step to decide at
    once.

    Who waits for an event, or changes what is known of the contact, goes alone.
    """

    enrollment: Enrollment
    insiders: Sequence[Insider]
    graph: Graph
    event: EventSnapshot | None
    zone: tzinfo
    scenario: str
    woken_by: EventSnapshot | None = None
    contact: str = ""
    visits: list[Left] = field(default_factory=list)
    sends: list[tuple[Left, Send | Dispatch]] = field(default_factory=list)
    changes: list[tuple[Left, Change]] = field(default_factory=list)
    changed: list[tuple[Left, Changed]] = field(default_factory=list)
    list_changes: list[tuple[Left, ChangeSubscription]] = field(default_factory=list)
    lists_changed: list[tuple[Left, Became]] = field(default_factory=list)
    visit_ids: dict[int, list[int]] = field(default_factory=dict)
    is_moving: bool = True

    def __post_init__(self) -> None:
        self._came_from = {
            name: getattr(self.enrollment, name) for name in ("step", "step_entered_at", "visit_count", *WAITING)
        }

    def parted(self, key: Callable[[Insider], Hashable]) -> list[Self]:
        """Those of whom `key` is the same stay together."""
        groups: dict[Hashable, list[Insider]] = defaultdict(list)
        for insider in self.insiders:
            groups[key(insider)].append(insider)
        return [self] if len(groups) == 1 else [self._part(insiders) for insiders in groups.values()]

    def alone(self) -> list[Self]:
        """Each by itself."""
        return self.parted(lambda insider: insider.enrollment_id)

    def _part(self, insiders: Sequence[Insider]) -> Self:
        part = copy.copy(self)
        part.insiders = insiders
        part.enrollment = copy.copy(self.enrollment)
        part.enrollment.pk, part.enrollment.contact_id = insiders[0].enrollment_id, insiders[0].contact_id
        part.visits, part.sends = list(self.visits), list(self.sends)
        part.changes, part.changed = list(self.changes), list(self.changed)
        part.list_changes, part.lists_changed = list(self.list_changes), list(self.lists_changed)
        part.visit_ids = {}
        return part

    @property
    def is_subscription_changed(self) -> bool:
        """Whether what the enrollment waits for, or has heard, is to be written."""
        return any(getattr(self.enrollment, name) != self._came_from[name] for name in WAITING)

    @property
    def step(self) -> Step:
        """Where it stands. Raises StepLost."""
        try:
            return self.graph.step(self.enrollment.step)
        except KeyError:
            raise StepLost(f"The step “{self.enrollment.step}” is not there. {StepLost.__doc__}") from None

    def situation(self, now: datetime, answers: Mapping[str, Any]) -> Situation:
        """What its step may look at."""
        at = self.enrollment
        return Situation(
            now=now,
            entered_at=at.entered_at,
            step_entered_at=at.step_entered_at,
            event=self.event,
            answers=answers,
            zone=self.zone,
            woken_by=self.woken_by,
            contact=self.contact,
            scenario=self.scenario,
            kept_until=None if at.kept_until == NOTHING else at.kept_until,
        )

    def act(self, outcome: Outcome, now: datetime, seen: dict[str, Any]) -> None:
        """Do in memory what the step decided. `seen` is kept with the visit, so that the decision can be explained
        later.
        """
        outcome = self._kept(outcome, now)
        match outcome:
            case Continue(outlet):
                self._leave_step("continue", outlet, now, {**seen, **outcome.seen})
            case Wait(until=until, hangs_on=name):
                self._wait(until, now)
                disarm(self.enrollment)
                self.enrollment.waits_for_property = name
                if self.step.keeps_moment:
                    # Not in `due_at`, which says only when to look again: a pause, for one, writes it anew.
                    self.enrollment.kept_until = until
            case WaitForEvent(until=until):
                self._wait(until, now)
                arm(self.enrollment, outcome)
            case Change(outlet=outlet):
                self.changes.append((self._leave_step("change", outlet, now, {**seen, **outcome.seen}), outcome))
            case ChangeSubscription(outlet=outlet):
                self.list_changes.append((self._leave_step("change_list", outlet, now, seen), outcome))
            case Send(outlet=outlet):
                self.sends.append((self._leave_step("send", outlet, now, seen), outcome))
            case Dispatch(outlet=outlet):
                self.sends.append((self._leave_step("dispatch", outlet, now, seen), outcome))
            case Finish(reason, reenter_after):
                self._visited("finish", "", now, seen)
                self._end(reason, reenter_after, now)
            case _:
                assert_never(outcome)

    def _kept(self, outcome: Outcome, now: datetime) -> Outcome:
        """What is done of it now: whose moment is kept waits for it, unless their event happens."""
        kept = self.enrollment.kept_until
        if kept is None or kept <= now or self.woken_by is not None:
            return outcome
        return replace(outcome, until=kept) if isinstance(outcome, Wait | WaitForEvent) else Wait(kept)

    def _wait(self, until: datetime, now: datetime) -> None:
        if until <= now:
            raise WaitsForThePast(f"The step “{self.enrollment.step}” waits for {until}. {WaitsForThePast.__doc__}")
        self._succeeded()
        self.enrollment.due_at = until
        if self.enrollment.kept_until == NOTHING:
            self.enrollment.kept_until = None
        self.is_moving = False

    def wake(self, event_id: int, event: EventSnapshot, depth: int) -> None:
        """The event that the step waits for has happened: decide again at once."""
        wake(self.enrollment, event_id, depth)
        self.woken_by = event
        self.is_moving = True

    def _leave_step(self, outcome: str, outlet: str, now: datetime, seen: dict[str, Any]) -> Left:
        following = self.step.outlets.get(outlet)
        visit = self._visited(outcome, outlet, now, seen)
        if following is None:
            # An outlet that leads nowhere is an end like any other.
            self._end(END_OF_PATH, now, now)
        else:
            self.enrollment.step = following
            self.enrollment.step_entered_at = self.enrollment.due_at = now
        return visit

    def _visited(self, outcome: str, outlet: str, now: datetime, seen: dict[str, Any]) -> Left:
        if len(self.visits) >= MOST_STEPS_AT_ONCE:
            raise GoesInCircles(f"{MOST_STEPS_AT_ONCE} steps in one moment. {GoesInCircles.__doc__}")
        self._succeeded()
        disarm(self.enrollment)
        self.enrollment.kept_until = None
        self.woken_by = None
        self.enrollment.visit_count += 1
        visit = Left(
            number=self.enrollment.visit_count,
            step=self.enrollment.step,
            kind=self.step.kind,
            entered_at=self.enrollment.step_entered_at,
            left_at=now,
            outlet=outlet,
            outcome=outcome,
            seen=seen,
        )
        self.visits.append(visit)
        return visit

    def _end(self, reason: str, reenter_after: datetime | None, now: datetime) -> None:
        self.enrollment.status = Enrollment.Status.ENDED
        self.enrollment.ended_at = now
        self.enrollment.exit_reason = reason
        self.enrollment.reenter_after = reenter_after
        self.enrollment.due_at = None
        self.is_moving = False

    def _succeeded(self) -> None:
        self.enrollment.attempts = 0
        self.enrollment.error = ""

    def fail(self, error: Exception, now: datetime) -> None:
        """Stay at this step and try it again later; after the last try be parked, where a person sees the error."""
        if isinstance(error, GoesInCircles) and (self.changed or self.lists_changed):
            # What it has changed can only be taken back by the database: nobody of this batch has moved then.
            raise error
        self.is_moving = False
        fail(self.enrollment, error, now)
        if isinstance(error, GoesInCircles):
            self._undo()

    def _undo(self) -> None:
        """Be parked where it came from. Whatever a circle asked for on its way must not happen, least of all its
        e-mails.
        """
        self.visits.clear()
        self.sends.clear()
        for name, value in self._came_from.items():
            setattr(self.enrollment, name, value)
        park(self.enrollment)


def park(enrollment: Enrollment) -> None:
    """Stop in memory, until a person has looked."""
    enrollment.status = Enrollment.Status.PARKED
    enrollment.due_at = None


def fail(enrollment: Enrollment, error: Exception, now: datetime) -> None:
    """Note in memory that moving this enrollment failed."""
    enrollment.error = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    enrollment.attempts += 1
    if enrollment.attempts > len(BACK_OFF):
        park(enrollment)
    else:
        enrollment.due_at = now + BACK_OFF[enrollment.attempts - 1]
