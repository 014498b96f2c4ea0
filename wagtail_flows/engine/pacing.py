"""How long a phase may go on, and in which portions."""

from __future__ import annotations

import time

from collections.abc import Callable

from wagtail_flows.lib.collecting import without_collecting


def is_over(until: float | None) -> bool:
    """Whether the deadline (of `time.monotonic`; None: there is none) has passed."""
    return until is not None and time.monotonic() >= until


def in_batches(batch: Callable[[], int], until: float | None) -> int:
    """Call `batch` until it finds nothing to do or the time is over; at least once. The sum of what it did."""
    total = 0
    while True:
        with without_collecting():
            done = batch()
        total += done
        if not done or is_over(until):
            return total
