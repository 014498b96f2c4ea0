"""A tick with a thousand due among very many who wait, beside the same among few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from statistics import median
from time import perf_counter

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from benchmarks.databases import reached, using
from benchmarks.engine.world import NOW, settle_down, waiting
from benchmarks.measuring import Pace
from wagtail_flows import tasks
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock


PART = "tick"
DUE = 1_000
ROUNDS = 5
# At the last wait, which is over: one visit each and no e-mail, so that looking for them counts most.
DUE_AGAIN = {
    "status": "active", "step": "wait_again", "due_at": NOW, "step_entered_at": NOW - timedelta(days=2),
    "visit_count": 3, "ended_at": None, "exit_reason": "", "reenter_after": None,
}  # fmt: skip


def measured(size: int) -> Iterator[Pace]:
    few = max(size // 100, DUE)
    times: dict[int, list[float]] = {size: [], few: []}
    with ExitStack() as stack, clock.moved(NOW):
        databases = {number: stack.enter_context(reached(waiting(number))) for number in times}
        for turn in range(ROUNDS + 1):
            for number in sorted(times, reverse=bool(turn % 2)):
                taken = _ticked(databases[number], number)
                if turn:
                    times[number].append(taken)
    ours, rival = (1000 * median(times[number]) for number in (size, few))
    name = f"{DUE:,} due among {size:,} waiting"
    yield Pace(
        PART, name, "1 worker, 1 connection", "ms", ours, rival, f"among {few:,} waiting", 1.3, is_at_least=False
    )


def _ticked(database: BaseDatabaseWrapper, number: int) -> float:
    with using(database):
        Visit.objects.all().delete()
        connection.ensure_connection()
        Enrollment.objects.filter(contact_id__in=range(1, number + 1, number // DUE)).update(**DUE_AGAIN)
        settle_down("enrollment", "visit")
        start = perf_counter()
        report = tasks.tick(NOW, until_idle=True)
        taken = perf_counter() - start
    if report.done["enrollments"] != DUE:
        raise AssertionError(f"Not all of {DUE} were moved: {report}; {report.failed}")
    return taken
