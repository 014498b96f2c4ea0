"""Filling tables fast on PostgreSQL: COPY, with indexes and constraints made anew when all rows are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model


# Text format of COPY (https://www.postgresql.org/docs/current/sql-copy.html): columns between tabs.
NULL = "\\N"
Row = Sequence[str]

_ROWS_AT_ONCE = 2_000

# What may be dropped and made anew: foreign keys and unique constraints, then the indexes that belong to no constraint.
_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype IN ('f', 'u')
    ORDER BY contype DESC, conname
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %s::regclass
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
    ORDER BY 1
"""


def copy(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows whose values are ready as text: `NULL`, or without tab, line break and backslash. Returns how many."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    written = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
        for some in _portions(rows):
            stream.write("".join(["\t".join(row) + "\n" for row in some]))
            written += len(some)
    return written


def _portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while some := list(islice(iterator, _ROWS_AT_ONCE)):
        yield some


@contextmanager
def bare(models: Sequence[type[Model]]) -> Iterator[None]:
    """Take indexes and constraints (but primary keys) off the tables, and put them back after the block.

    Inside a transaction only: whatever fails, a row that breaks a constraint too, leaves the tables as they were.
    """
    # Tables can't be altered while deferred constraints of theirs are still to be looked at.
    connection.check_constraints()
    again = [statement for model in models for statement in _strip(model._meta.db_table)]
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        # Foreign keys last: what they refer to has its indexes by then.
        for statement in sorted(again, key=lambda statement: "FOREIGN KEY" in statement):
            cursor.execute(statement)


def _strip(table: str) -> list[str]:
    """Drop what can be dropped; returns the statements that make it anew."""
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, [table])
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, [table])
        indexes = cursor.fetchall()
        for name, _definition in constraints:
            cursor.execute(f"ALTER TABLE {quoted} DROP CONSTRAINT {connection.ops.quote_name(name)}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    return [
        *(definition for _name, definition in indexes),
        *(f"ALTER TABLE {quoted} ADD CONSTRAINT {connection.ops.quote_name(n)} {d}" for n, d in constraints),
    ]


def count_on(models: Sequence[type[Model]]) -> None:
    """Let the ids of rows to come begin after those that were copied."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)


def gather_statistics(models: Sequence[type[Model]]) -> None:
    """What autovacuum would do in time: statistics and, outside a transaction, the visibility map."""
    command = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"{command} {connection.ops.quote_name(model._meta.db_table)}")
