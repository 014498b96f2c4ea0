"""The one place where time is read.

Everything that decides asks `now()`; tests and `flows_tick --now` move it. Leases ask `real_now()`, which nobody can
move: a moved clock must not let two workers believe that they hold the same row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


# One for the whole process, so that a server thread and the code that moved the clock live at the same moment.
_moved_to: list[datetime] = []


def now() -> datetime:
    """The moment to decide by: aware, UTC; the moved one where the clock was moved."""
    return _moved_to[-1] if _moved_to else real_now()


def real_now() -> datetime:
    """The machine's own time, aware, UTC. For leases and measurements only."""
    return datetime.now(UTC)


@contextmanager
def moved(to: datetime) -> Iterator[None]:
    """Let `now()` answer `to` (aware) inside the block, in every thread of the process. Raises ValueError for a naive
    time.
    """
    if to.tzinfo is None:
        raise ValueError("The clock is moved to an aware time only: give a time zone or an offset.")
    _moved_to.append(to.astimezone(UTC))
    try:
        yield
    finally:
        _moved_to.pop()
