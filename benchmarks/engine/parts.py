"""The parts of the engine's benchmark, each alone or all in turn, with sizes in proportion to one number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.engine import enrolling, mails, memory, ticks, visits, waiting, webhooks, workers
from benchmarks.engine.sink import SinkMissing
from benchmarks.measuring import Pace


Part = Callable[[int], Iterator[Pace]]

# What `size` (contacts, 1,000,000 by default) comes to in each part, and the least it may be.
PARTS: dict[str, tuple[Part, float, int]] = {
    visits.PART: (visits.measured, 0.01, 1_000),
    workers.PART: (workers.measured, 0.1, 1_000),
    ticks.PART: (ticks.measured, 1, 2_000),
    enrolling.PART: (enrolling.measured, 0.1, 1_000),
    mails.PART: (mails.measured, 0.002, 100),
    webhooks.PART: (webhooks.measured, 0.002, 100),
    waiting.LATENCY: (waiting.latency, 0.00003, 3),
    waiting.LATENESS: (waiting.lateness, 0.00003, 3),
    memory.PART: (memory.measured, 1, 10_000),
}


def measured(size: int, names: Sequence[str]) -> Iterator[Pace]:
    """These parts; one that needs what isn't installed says so and is left out."""
    for name in names:
        part, share, least = PARTS[name]
        try:
            yield from part(max(int(size * share), least))
        except SinkMissing as missing:
            print(f"{name}: left out. {missing}", flush=True)
