"""The bell and what answers it: one round of all phases, again and again until nothing is due.

Correctness never hangs on the queue: what is due stands in our own tables, and every runner may overlap with every
other. A task is only a wake-up, a lost one is repaired by the schedule of each minute or by `flows_tick --forever`.
"""

from __future__ import annotations

import logging
import time

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.apps import apps
from django.db import close_old_connections
from django.utils.module_loading import import_string

from wagtail_flows.conf import conf
from wagtail_flows.engine import (
    advancing,
    carrying_out,
    deciding_winners,
    enrolling,
    heartbeat,
    manual_starts,
    publications,
    sweeping_dates,
    sweeping_segments,
)
from wagtail_flows.engine import rescue as engine_rescue
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import clock, pruning
from wagtail_flows.lib.tasks_api import BaseTaskBackend, task, task_backends
from wagtail_flows.messages import backlog, deliver
from wagtail_flows.segments import counting
from wagtail_flows.shop import applying, estimates


log = logging.getLogger(__name__)

DJANGO_Q2_BACKEND = "wagtail_flows.contrib.django_q2.backend.DjangoQ2Backend"
# What falls due within so many seconds after a task's time is over gets a successor; the rest is found by the schedule.
SOON = timedelta(seconds=60)
# How often a waiting runner looks whether the bell was rung.
GLANCE = 0.5
# How long a runner that should leave nothing due waits for others that hold what is due.
PATIENCE = 10.0
# How many seconds a phase may go on before the others have their turn: nobody's wait ends late, and nobody waits for a
# confirmation, because thousands of e-mails are on their way. Longer than it takes to greet a mail server again.
TURN = 3.0


# Whether this very thread is in a round: what one phase makes due, a later one does, so nobody else need be woken.
_is_working: ContextVar[bool] = ContextVar("wagtail_flows_is_working", default=False)


class TickFailed(FlowsError):
    """A part of the work raised; its traceback is in the log. The other parts went on. It is tried again at the next
    tick.
    """


@dataclass(frozen=True)
class Phase:
    """One part of a round. `work(now, until)` answers how much it did; `next_due(now)` when there will be something
    to do; `overdue_since(now)` since when that has waited, where it isn't the same.
    """

    name: str
    work: Callable[[datetime, float | None], int]
    next_due: Callable[[datetime], datetime | None] | None = None
    overdue_since: Callable[[datetime], datetime | None] | None = None

    def waits_since(self, now: datetime) -> datetime | None:
        """Since when the first thing waits that should have been done; a moment to come, or None: nothing does."""
        asked = self.overdue_since or self.next_due
        return asked(now) if asked else None


@dataclass
class Report:
    """What a tick did: how much in each phase, and which phases raised in its last round."""

    done: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(f"{name}: {count}" for name, count in self.done.items() if count) or "nothing was due"

    def raise_failures(self) -> None:
        """Say that not everything went well. Raises TickFailed."""
        if self.failed:
            raise TickFailed("; ".join(f"{name}: {error}" for name, error in self.failed.items()))


def phases() -> tuple[Phase, ...]:
    """The parts of a round, in the order in which one makes work for the next."""
    return (
        Phase("webhooks", applying.apply_waiting, applying.next_due),
        Phase("estimates", estimates.record_due, estimates.next_due),
        Phase("events", enrolling.match_events, enrolling.next_due, enrolling.overdue_since),
        Phase("segments entered", sweeping_segments.sweep, sweeping_segments.next_due),
        Phase("dates", sweeping_dates.sweep, sweeping_dates.next_due),
        Phase("pages published", publications.let_in_audiences, publications.next_due),
        Phase("started by hand", manual_starts.follow_up, manual_starts.next_due),
        Phase("published", carrying_out.carry_out, carrying_out.next_due),
        Phase("rescued", engine_rescue.rescue, engine_rescue.next_due),
        Phase("winners", deciding_winners.decide, deciding_winners.next_due),
        Phase("enrollments", advancing.advance, advancing.next_due),
        Phase("rescued deliveries", lambda now, until: deliver.rescue(now)),
        Phase("deliveries", _deliver, deliver.next_due, backlog.overdue_since),
        Phase("segments", counting.count_due, counting.next_due),
        # Never woken for: whoever works anyway prunes a little.
        Phase("pruned", pruning.prune_some),
    )


def _deliver(now: datetime, until: float | None) -> int:
    return deliver.deliver(now, until=until)


@task()
def answer_bell() -> dict[str, int]:
    """The task: work for at most FLOWS_TICK_SECONDS. Raises TickFailed in the end when a phase raised."""
    report = tick()
    report.raise_failures()
    return dict(report.done)


def ring() -> None:
    """Wake a runner by the queue, unless one is being woken already, or is the one who rings.

    Never raises: a ring that fails is in the log, and the schedule of each minute repairs it.
    """
    backend = queue_backend()
    if backend is None or _is_working.get():
        return
    try:
        if heartbeat.take_bell():
            backend.enqueue(answer_bell.using(queue_name=conf.TASK_QUEUE), [], {})
    except Exception:
        log.exception("The bell could not be rung; what is due waits for the next tick.")


def queue_backend() -> BaseTaskBackend | None:
    """What runs our tasks later: the backend that FLOWS_TASK_BACKEND names. None: there is no queue, so the bell is
    silent.

    An immediate backend would do everything inside the visitor's request, so it doesn't count; django-q2 is used in
    its stead where it is installed.
    """
    configured = task_backends[conf.TASK_BACKEND] if conf.TASK_BACKEND in task_backends.settings else None
    if configured is not None and type(configured).__name__ != "ImmediateBackend":
        return configured
    if not apps.is_installed("django_q"):
        return None
    backend: type[BaseTaskBackend] = import_string(DJANGO_Q2_BACKEND)
    return backend(alias=conf.TASK_BACKEND, params={"QUEUES": []})


def tick(now: datetime | None = None, *, budget: float | None = None, until_idle: bool = False) -> Report:
    """Work until nothing is due. Never raises for a phase that does: that is in the report, and in the log.

    `now` (aware) moves the clock for the whole tick. `budget` in seconds (default FLOWS_TICK_SECONDS; none with
    `until_idle`): while some is left, sleeps until the next moment that falls within it, wakes when the bell is rung,
    and in the end leaves what is due soon to a successor. `until_idle` returns as soon as nothing is due.
    """
    seconds = conf.TICK_SECONDS if budget is None and not until_idle else budget
    deadline = None if seconds is None else time.monotonic() + seconds
    with nullcontext() if now is None else clock.moved(now):
        if until_idle:
            return _until_idle(deadline)
        return _within_budget(time.monotonic() if deadline is None else deadline)


def _until_idle(deadline: float | None) -> Report:
    report = Report()
    worked_at = time.monotonic()
    while not is_over(deadline):
        if work_round(report, deadline):
            worked_at = time.monotonic()
        elif not _is_due() or not _is_worth_waiting(report, worked_at):
            break
        else:
            time.sleep(GLANCE / 5)
    return report


def _within_budget(deadline: float) -> Report:
    report = Report()
    worked_at = time.monotonic()
    while True:
        if work_round(report, deadline):
            worked_at = time.monotonic()
        elif not _slept(deadline, report, worked_at):
            break
        if is_over(deadline):
            break
    due = next_due(clock.now())
    if is_over(deadline) and due is not None and due <= clock.now() + SOON:
        ring()
    return report


def _is_worth_waiting(report: Report, worked_at: float) -> bool:
    """What is due, but couldn't be done: is it held by another, who will be ready in a moment?"""
    return not report.failed and time.monotonic() - worked_at < PATIENCE


def _slept(deadline: float, report: Report, worked_at: float) -> bool:
    """Sleep until something falls due or the bell rings. False when neither can be before the deadline, or when another
    sleeps already.
    """
    now = clock.now()
    left = timedelta(seconds=deadline - time.monotonic())
    due = next_due(now)
    if due is None or due > now + left or (due <= now and not _is_worth_waiting(report, worked_at)):
        return False
    if not heartbeat.begin_waiting(clock.real_now() + left):
        return False
    try:
        _sleep(max(due, now + timedelta(seconds=GLANCE)), deadline)
    finally:
        heartbeat.end_waiting()
    return True


def _sleep(due: datetime, deadline: float) -> None:
    while not is_over(deadline) and not heartbeat.is_rung():
        left = (due - clock.now()).total_seconds()
        if left <= 0:
            return
        time.sleep(max(0.0, min(GLANCE, left, deadline - time.monotonic())))


def work_round(report: Report, deadline: float | None) -> int:
    """Let each phase do what it can in its turn, before the deadline; how much was done. A phase that raises holds up
    no other.
    """
    close_old_connections()
    heartbeat.answer_bell()
    report.failed.clear()
    token = _is_working.set(True)
    try:
        return sum(_work(phase, report, deadline) for phase in phases())
    finally:
        _is_working.reset(token)
        close_old_connections()


def _work(phase: Phase, report: Report, deadline: float | None) -> int:
    turn = time.monotonic() + TURN
    try:
        done = phase.work(clock.now(), turn if deadline is None else min(turn, deadline))
    except Exception as error:
        log.exception("The phase %r raised; the others go on, and it is tried again.", phase.name)
        report.failed[phase.name] = f"{type(error).__name__}: {error}"
        return 0
    report.done[phase.name] += done
    return done


def next_due(now: datetime) -> datetime | None:
    """When the next thing falls due in any phase; None when nothing is waiting."""
    return min(_moments(now), default=None)


def _moments(now: datetime) -> Iterable[datetime]:
    for phase in phases():
        moment = phase.next_due(now) if phase.next_due else None
        if moment is not None:
            yield moment


def _is_due() -> bool:
    due = next_due(clock.now())
    return due is not None and due <= clock.now()
