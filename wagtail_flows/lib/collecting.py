"""Working without Python's search for circles among objects."""

from __future__ import annotations

import gc

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Put off the garbage collector, for a batch that makes many objects and lets go of them soon.

    What nobody holds any more is freed all the same, by counting; the collector only looks for circles, and while a
    batch's objects come into being it goes through all of them again and again, which takes a fifth of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
