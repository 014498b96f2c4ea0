"""Storing many new rows: by COPY where the database has it, which is several times faster than INSERT."""

from __future__ import annotations

import json

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import IntegrityError, connections, router, transaction
from django.db.models import DateTimeField, Field, JSONField, Model


M = TypeVar("M", bound=Model)
Reader = Callable[[Model], Any]


def insert(model: type[M], rows: Sequence[M], *, ignore_conflicts: bool = False) -> bool:
    """Store new, plain rows of one table, in a transaction. Whether all are stored and know their primary keys.

    With `ignore_conflicts` rows that a constraint refuses are left out, and the answer is False where that may be.
    """
    if not rows or not _can_copy(model):
        model._default_manager.bulk_create(rows, ignore_conflicts=ignore_conflicts)
        return not ignore_conflicts
    try:
        with transaction.atomic(savepoint=ignore_conflicts):
            _copy(model, rows)
    except IntegrityError:
        if not ignore_conflicts:
            raise
        for row in rows:
            row.pk = None
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
        return False
    return True


def _can_copy(model: type[Model]) -> bool:
    connection = connections[router.db_for_write(model)]
    driver: Any = getattr(connection, "Database", None)
    return connection.vendor == "postgresql" and hasattr(driver, "Copy")


def _copy(model: type[M], rows: Sequence[M]) -> None:
    columns, readers = _columns(model)
    connection = connections[router.db_for_write(model)]
    with connection.wrap_database_errors, connection.cursor() as cursor:
        _number(model, rows, cursor)
        with cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([read(row) for read in readers])
    for row in rows:
        row._state.adding = False


def _number(model: type[M], rows: Sequence[M], cursor: Any) -> None:
    """Keys are drawn first: COPY doesn't tell those that it gives."""
    table, key = model._meta.db_table, model._meta.pk
    column = key.column if key is not None else ""
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, len(rows)]
    )
    for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
        row.pk = number


@lru_cache(maxsize=32)
def _columns(model: type[Model]) -> tuple[str, tuple[Reader, ...]]:
    """The columns for SQL, and what reads the value of each from a row."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    return ", ".join(f'"{field.column}"' for field in fields), tuple(_reader(field) for field in fields)


def _reader(field: Field) -> Reader:
    if isinstance(field, JSONField):
        return _json_reader(field)
    is_plain = type(field).pre_save in (Field.pre_save, DateTimeField.pre_save)
    if is_plain and not getattr(field, "auto_now", False) and not getattr(field, "auto_now_add", False):
        return attrgetter(field.attname)
    return lambda row: field.pre_save(row, add=True)


def _json_reader(field: JSONField) -> Reader:
    get = attrgetter(field.attname)

    def read(row: Model) -> str | None:
        value = get(row)
        return None if value is None else json.dumps(value, cls=field.encoder)

    return read
