"""Running a statement that is run very often, and says the same each time.

PostgreSQL plans a statement anew whenever it comes, which for a hot one can take longer than doing it. A site that
talks to PostgreSQL directly, or through a pooler that bears prepared statements, says so in its settings, and the plan
is kept:

    DATABASES = {"default": {…, "OPTIONS": {"prepare_threshold": 5}}}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection


def run_hot(sql: str, values: Sequence[Any]) -> tuple[int, tuple[Any, ...] | None]:
    """How many rows it changed or found, and the first it answered with, if it answers with rows. `values` are as the
    database keeps them.
    """
    connection.ensure_connection()
    if getattr(connection.connection, "prepare_threshold", None) is not None:
        return _prepared(sql, values)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount, cursor.fetchone() if cursor.description else None


def _prepared(sql: str, values: Sequence[Any]) -> tuple[int, tuple[Any, ...] | None]:
    """Through a cursor of the driver's own: Django's puts the values into the text, so that no two are alike."""
    from psycopg import Cursor  # noqa: PLC0415 - only where this driver is in use

    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount, cursor.fetchone() if cursor.rownumber is not None else None
