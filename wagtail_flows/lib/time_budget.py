"""Queries that may take only so long: past it the database stops them, and nothing is lost but the answer."""

from __future__ import annotations

import time

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

from wagtail_flows.exceptions import FlowsError


# PostgreSQL's code for a query that was cancelled, also by its time limit.
QUERY_CANCELLED = "57014"
# SQLite looks at the clock after so many instructions of its virtual machine.
INSTRUCTIONS = 20_000


class TookTooLong(FlowsError):
    """The database didn't answer within the time allowed. Ask less, or show an estimate and say so."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let each query in the block take at most so long (on SQLite: all of them together). Raises TookTooLong.

    For reading only: on PostgreSQL what the block wrote is rolled back then. On other databases nothing is limited.
    """
    limited = {"postgresql": _on_postgresql, "sqlite": _on_sqlite}.get(connection.vendor, _unlimited)
    try:
        with limited(seconds):
            yield
    except OperationalError as error:
        if _is_timeout(error):
            raise TookTooLong from error
        raise


@contextmanager
def _on_postgresql(seconds: float) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(max(1, int(seconds * 1000)))])
        yield
        # Not in a `finally`: after an error the savepoint is rolled back, and the setting with it.
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


@contextmanager
def _on_sqlite(seconds: float) -> Iterator[None]:
    """Without a transaction, which would keep everybody else from writing."""
    deadline = time.monotonic() + seconds
    connection.ensure_connection()
    database: Any = connection.connection
    database.set_progress_handler(lambda: time.monotonic() > deadline, INSTRUCTIONS)
    try:
        yield
    finally:
        database.set_progress_handler(None, INSTRUCTIONS)


@contextmanager
def _unlimited(seconds: float) -> Iterator[None]:
    yield


def _is_timeout(error: OperationalError) -> bool:
    code = getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "sqlite_errorname", None)
    return code in {QUERY_CANCELLED, "SQLITE_INTERRUPT"}
