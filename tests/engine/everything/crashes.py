"""A worker that dies in the middle of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.db import connection


class Killed(BaseException):
    """The worker is gone. No handler of the code under test catches this, as none would run."""


STILL_RUN = ("ROLLBACK", "RELEASE", "SAVEPOINT")


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """Let the n-th statement from here on, and all after it, never reach the database: what is open is rolled back."""
    numbers = count(1)

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if next(numbers) >= statement and not sql.startswith(STILL_RUN):
            raise Killed
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield


def dying_at(statement: int, work: Callable[[], Any]) -> bool:
    """Do this work and be killed at the n-th statement; whether there were so many."""
    try:
        with killed_at(statement):
            work()
    except Killed:
        return True
    return False
