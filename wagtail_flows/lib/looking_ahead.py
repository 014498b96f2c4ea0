"""Making the next thing of a row of things before its turn comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar


T = TypeVar("T")


class LookingAhead(Generic[T]):
    """Goes through `things` once, in their order. `look` makes the next one now, for when it is asked for."""

    def __init__(self, things: Iterable[T]) -> None:
        self._rest = iter(things)
        self._made: deque[T] = deque()

    def look(self) -> None:
        """One thing ahead at most; nothing happens when there is none."""
        if not self._made:
            self._made.extend(islice(self._rest, 1))

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        self.look()
        if not self._made:
            raise StopIteration
        return self._made.popleft()
