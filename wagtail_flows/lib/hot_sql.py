"""Running a statement that is run very often, and says the same each time.

PostgreSQL plans a statement anew whenever it comes, which for a hot one can take longer than doing it. A site that
talks to PostgreSQL directly, or through a pooler that bears prepared statements, says so in its settings, and the plan
is kept:

    DATABASES = {"default": {…, "OPTIONS": {"prepare_threshold": 5}}}

Then something else can be done in the meantime, too: writing a transaction to a disk takes as long as much computing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from django.db import connection


def run_hot(
    sql: str, values: Sequence[Any], meanwhile: Callable[[], None] | None = None
) -> tuple[int, tuple[Any, ...] | None]:
    """How many rows it changed or found, and the first it answered with, if it answers with rows. `values` are as the
    database keeps them.

    `meanwhile` is called once, if possible while the database is at it, so it must not ask the database anything. What
    it raises passes, after the statement has ended.
    """
    connection.ensure_connection()
    if getattr(connection.connection, "prepare_threshold", None) is not None:
        return _prepared(sql, values, meanwhile)
    if meanwhile is not None:
        meanwhile()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount, cursor.fetchone() if cursor.description else None


def _prepared(
    sql: str, values: Sequence[Any], meanwhile: Callable[[], None] | None
) -> tuple[int, tuple[Any, ...] | None]:
    """Through a cursor of the driver's own: Django's puts the values into the text, so that no two are alike."""
    from psycopg import Cursor  # noqa: PLC0415 - only where this driver is in use

    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        _execute(cursor, sql, values, meanwhile)
        return cursor.rowcount, cursor.fetchone() if cursor.rownumber is not None else None


def _execute(cursor: Any, sql: str, values: Sequence[Any], meanwhile: Callable[[], None] | None) -> None:
    """What `cursor.execute` does, in two halves. The driver has no public way to do something else in between: one that
    hasn't this way either is asked afterwards.
    """
    halves = getattr(cursor, "_execute_gen", None)
    if meanwhile is None or halves is None:
        if meanwhile is not None:
            meanwhile()
        cursor.execute(sql, values)
        return
    steps = halves(sql, values)
    wanted = next(steps)
    try:
        meanwhile()
    finally:
        cursor.connection.wait(_the_rest(steps, wanted))


def _the_rest(steps: Generator[Any, Any, None], wanted: Any) -> Generator[Any, Any, None]:
    """The steps that are left, for whoever waits for what they want; `wanted` is what the last one wanted."""
    try:
        while True:
            wanted = steps.send((yield wanted))
    except StopIteration:
        return
