"""The bell: tells the queue that there is work, after the transaction that made it has committed.

The lower rooms ring; what answers is connected from above by its dotted path, so no import points upward. A lost ring
is repaired by the schedule of each minute: ringing is about speed, never about correctness.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils.module_loading import import_string


_connected: list[str] = []


def connect(path: str) -> None:
    """Connect the function at dotted `path` (no arguments) to the bell; connecting it again changes nothing."""
    if path not in _connected:
        _connected.append(path)


def ring() -> None:
    """Call what is connected once the current transaction commits; never if it rolls back."""
    for path in _connected:
        answer: Callable[[], None] = import_string(path)
        transaction.on_commit(answer, robust=True)
