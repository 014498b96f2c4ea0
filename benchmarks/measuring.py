"""Two ways of doing the same, timed in turns in the same run: only their ratio means something on another machine."""

from __future__ import annotations

import time

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True)
class Pace:
    """One line of the engine's table. `ours` and `rival` in `unit`, medians; None where there is nothing beside it.

    `wanted` is the ratio that passes, at least or at most; None: only shown. `with_` says how many workers and
    connections.
    """

    part: str
    name: str
    with_: str
    unit: str
    ours: float
    rival: float | None = None
    rival_name: str = ""
    wanted: float | None = None
    is_at_least: bool = True
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.rival if self.rival else None

    @property
    def has_passed(self) -> bool:
        if self.ratio is None or self.wanted is None:
            return True
        return self.ratio >= self.wanted if self.is_at_least else self.ratio <= self.wanted


@dataclass(frozen=True)
class Way:
    """One way of doing it: `work` answers how many it did, `before` makes the work and isn't timed."""

    work: Callable[[], int]
    before: Callable[[], object] = lambda: None

    def rate(self) -> float:
        """How many a second."""
        self.before()
        start = time.perf_counter()
        done = self.work()
        return done / (time.perf_counter() - start)


def rates(*ways: Way, rounds: int = 5) -> Sequence[float]:
    """Median rates of each, in turns, after one round that isn't counted; who goes first changes each time."""
    found: list[list[float]] = [[] for _way in ways]
    for number in range(rounds + 1):
        order = range(len(ways)) if number % 2 else range(len(ways) - 1, -1, -1)
        for which in order:
            rate = ways[which].rate()
            if number:
                found[which].append(rate)
    return [median(one) for one in found]


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
