"""Two ways of doing the same, timed in turns in the same run: only their ratio means something on another machine."""

from __future__ import annotations

import time

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """One line of the table. Times in seconds, medians; `allowed` is the largest ratio that passes."""

    part: str
    name: str
    ours: float
    rival: float
    allowed: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.rival

    @property
    def has_passed(self) -> bool:
        return self.ratio <= self.allowed


def in_turns(ours: Callable[[], object], rival: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median times of both, after one round that isn't counted; who goes first changes each time."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        order = (0, 1) if number % 2 else (1, 0)
        taken = {which: _timed((ours, rival)[which]) for which in order}
        if number:
            for which in order:
                times[which].append(taken[which])
    return median(times[0]), median(times[1])


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
