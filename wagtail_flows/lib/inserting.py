"""Storing many new rows: by COPY where the database has it, which is several times faster than INSERT."""

from __future__ import annotations

import copy
import json

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, connections, router, transaction
from django.db.models import DateTimeField, Field, JSONField, Model

from wagtail_flows.lib.fields import FoldedField


M = TypeVar("M", bound=Model)
Reader = Callable[[Model], Any]

# From how many rows on a statement of their own is cheaper than to copy them.
MANY = 30
# The sequence is looked up once, and not for each row.
DRAWN = """
SELECT nextval(sequence) FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence OFFSET 0) AS found
CROSS JOIN generate_series(1, %s)
"""


@dataclass(frozen=True, slots=True)
class Alike(Generic[M]):
    """New rows that are like one of them, but for these columns (by attribute), whose values stand in `own`: one tuple
    for each row.

    A column that is kept from another one (the folded form of a text) follows it.
    """

    like: M
    names: tuple[str, ...]
    own: Sequence[tuple[Any, ...]]


def insert_alike(model: type[M], groups: Sequence[Alike[M]]) -> list[int]:
    """Store groups of new, plain rows that are alike, in a transaction. Their primary keys, in order.

    No object is made for a row: with hundreds that differ in two columns that would take longer than storing them.
    """
    number = sum(len(group.own) for group in groups)
    if not number:
        return []
    if not _can_copy(model):
        rows = _objects(groups)
        model._default_manager.bulk_create(rows)
        return [row.pk for row in rows]
    keys = _draw_keys(model, number)
    numbers, copied = iter(keys), []
    for group in groups:
        its_keys = list(islice(numbers, len(group.own)))
        if len(its_keys) >= MANY and all(type(value) is int for value in group.own[0]):
            _insert_numbers(group, its_keys)
        else:
            copied.append((group, its_keys))
    if copied:
        _copy_values(model, (values for group, its_keys in copied for values in _values(group, its_keys)))
    return keys


def insert_missing(model: type[M], groups: Sequence[Alike[M]]) -> None:
    """The same, but rows that a constraint refuses are left out."""
    if _can_copy(model):
        try:
            with transaction.atomic():
                insert_alike(model, groups)
            return
        except IntegrityError:
            pass  # COPY can't leave out single rows: once more, below, by the statement that can
    model._default_manager.bulk_create(_objects(groups), ignore_conflicts=True)


def _can_copy(model: type[Model]) -> bool:
    connection = connections[router.db_for_write(model)]
    driver: Any = getattr(connection, "Database", None)
    return connection.vendor == "postgresql" and hasattr(driver, "Copy")


def _copy_values(model: type[Model], rows: Iterable[Sequence[Any]]) -> None:
    names, _readers = _columns(model)
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if field.attname in names)
    connection = connections[router.db_for_write(model)]
    told = f"COPY {model._meta.db_table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(told) as target:
        for row in rows:
            target.write_row(row)


def _draw_keys(model: type[Model], number: int) -> list[int]:
    """Keys are drawn first: COPY doesn't tell those that it gives."""
    connection = connections[router.db_for_write(model)]
    with connection.cursor() as cursor:
        cursor.execute(DRAWN, [model._meta.db_table, _key(model), number])
        return [drawn for (drawn,) in cursor.fetchall()]


def _key(model: type[Model]) -> str:
    key = model._meta.pk
    return key.attname if key is not None else ""


@lru_cache(maxsize=32)
def _columns(model: type[M]) -> tuple[tuple[str, ...], tuple[Reader, ...]]:
    """The attributes that have a column, and what reads the value of each from a row."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    return tuple(field.attname for field in fields), tuple(_reader(field) for field in fields)


def _reader(field: Field) -> Reader:
    if isinstance(field, JSONField):
        return _json_reader(field)
    is_plain = type(field).pre_save in (Field.pre_save, DateTimeField.pre_save)
    if is_plain and not getattr(field, "auto_now", False) and not getattr(field, "auto_now_add", False):
        return attrgetter(field.attname)
    return lambda row: field.pre_save(row, add=True)


def _json_reader(field: JSONField) -> Reader:
    get, as_json = attrgetter(field.attname), _as_json(field)
    return lambda row: as_json(get(row))


def _as_json(field: JSONField) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else json.dumps(value, cls=field.encoder)


def _insert_numbers(group: Alike[M], keys: Sequence[int]) -> None:
    """Rows of which only numbers differ: one statement, which tells what is the same once."""
    model = type(group.like)
    connection = connections[router.db_for_write(model)]
    own = (_key(model), *group.names)
    fields = {field.attname: field for field in model._meta.concrete_fields if not getattr(field, "generated", False)}
    shared = [field for name, field in fields.items() if name not in own]
    columns = ", ".join(f'"{field.column}"' for field in (*(fields[name] for name in own), *shared))
    selected = ", ".join(["own.*", *["%s"] * len(shared)])
    arrays = ", ".join(["%s::bigint[]"] * len(own))
    sql = f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {selected} FROM unnest({arrays}) AS own"  # noqa: S608  (names of columns)
    told = [f"{{{','.join(map(str, numbers))}}}" for numbers in (keys, *zip(*group.own, strict=True))]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(_prepared(field, group.like, connection) for field in shared), *told])


def _prepared(field: Field, row: Model, connection: Any) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


def _values(group: Alike[M], keys: Iterable[int]) -> Iterator[Sequence[Any]]:
    """What COPY is told of each row. The list is the same each time, with other values in it."""
    model = type(group.like)
    _names, readers = _columns(model)
    values = [read(group.like) for read in readers]
    key, told, followed = _own_columns(model, group.names)
    for values[key], own in zip(keys, group.own, strict=True):
        for (place, tell), value in zip(told, own, strict=True):
            values[place] = value if tell is None else tell(value)
        for place, source, derive in followed:
            values[place] = derive(values[source])
        yield values


@lru_cache(maxsize=32)
def _own_columns(
    model: type[Model], own: tuple[str, ...]
) -> tuple[int, list[tuple[int, Any]], list[tuple[int, int, Any]]]:
    """Where the key stands among the columns; where each own value does, with what writes it if it isn't told as it is;
    and what follows them: where it stands, where its source does, and how it is derived.
    """
    names, _readers = _columns(model)
    fields = {field.attname: field for field in model._meta.concrete_fields}
    told = [
        (names.index(name), _as_json(field) if isinstance(field := fields[name], JSONField) else None) for name in own
    ]
    followed = [
        (names.index(name), names.index(field.source), field.derive)
        for name, field in fields.items()
        if isinstance(field, FoldedField) and field.source in own
    ]
    return names.index(_key(model)), told, followed


def _objects(groups: Sequence[Alike[M]]) -> list[M]:
    return [_like(group, own) for group in groups for own in group.own]


def _like(group: Alike[M], own: tuple[Any, ...]) -> M:
    row = copy.copy(group.like)
    for name, value in zip(group.names, own, strict=True):
        setattr(row, name, value)
    return row
