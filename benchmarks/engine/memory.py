"""The most memory that a worker takes while very many advance, beside few."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.engine.processes import advanced_by
from benchmarks.engine.ticks import DUE_AGAIN
from benchmarks.engine.world import DATABASE, NOW, enrolled, people, settle_down, world
from benchmarks.measuring import Pace
from wagtail_flows.engine.models import Enrollment


PART = "memory"


def measured(size: int) -> Iterator[Pace]:
    """Once each: it takes minutes, and memory isn't a matter of luck."""
    few = max(size // 100, 1_000)
    with world() as here:
        people(size)
        peaks = []
        for first, last in ((1, few), (few + 1, size)):
            enrolled(here, first, last, NOW)
            Enrollment.objects.filter(status="active").update(**DUE_AGAIN)
            settle_down("enrollment")
            done = advanced_by(1, DATABASE)
            if done.moved != last - first + 1:
                raise AssertionError(f"Only {done.moved} enrollments were moved.")
            peaks.append(done.peak)
            rate = done.moved / done.seconds
    small, large = peaks
    note = f"{rate:,.0f} enrollments/s to the end"
    yield Pace(
        PART, f"peak while {size:,} enrollments advance", "1 worker, 1 connection", "MB", large, small,
        f"{few:,} enrollments", 1.3, is_at_least=False, note=note,
    )  # fmt: skip
