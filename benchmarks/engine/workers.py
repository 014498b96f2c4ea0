"""Two workers beside one: real processes on the same database."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.engine.processes import advanced_by
from benchmarks.engine.visits import VISITS, due
from benchmarks.engine.world import DATABASE, people, world
from benchmarks.measuring import Pace


PART = "workers"
ROUNDS = 5


def measured(size: int) -> Iterator[Pace]:
    rates: dict[int, list[float]] = {1: [], 2: []}
    with world() as here:
        people(size)
        for number in range(ROUNDS + 1):
            for workers in (1, 2) if number % 2 else (2, 1):
                due(here, size)
                done = advanced_by(workers, DATABASE)
                if done.moved != size:
                    raise AssertionError(f"{done.moved} of {size} enrollments were moved.")
                if number:
                    rates[workers].append(VISITS * size / done.seconds)
    alone, together = median(rates[1]), median(rates[2])
    name = f"path of {VISITS} visits and an e-mail"
    yield Pace(PART, name, "2 workers, 2 connections", "visits/s", together, alone, "1 worker, 1 connection", 1.6)
