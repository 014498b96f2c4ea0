"""Finding and storing one row where it is done very often: the SQL is made once, which Django does for each call anew
and which takes it longer than the database needs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.db.models.expressions import Col

from wagtail_flows.lib.hot_sql import run_hot


M = TypeVar("M", bound=Model)


def find(model: type[M], name: str, value: Any) -> M | None:
    """The row whose unique field `name` holds `value`."""
    here, field = connections[DEFAULT_DB_ALIAS], _field(model, name)
    _count, values = run_hot(_select(model, name), [field.get_db_prep_value(value, here)])
    if values is None:
        return None
    columns = _columns(model)
    read = [_read(column, value, here) for column, value in zip(columns, values, strict=True)]
    return model.from_db(here.alias, [column.target.attname for column in columns], read)


def insert_new(row: Model) -> bool:
    """Store a row unless a unique constraint knows its like: the database decides which of two at once is the first.

    One statement, so a transaction of its own outside of any. The row isn't told its primary key, and no signal is
    sent.
    """
    here, (sql, fields) = connections[DEFAULT_DB_ALIAS], _insert(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), here) for field in fields]
    return run_hot(sql, values)[0] == 1


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


def _read(column: Col, value: Any, here: BaseDatabaseWrapper) -> Any:
    """From what the driver gives to what the model holds."""
    for convert in (*here.ops.get_db_converters(column), *column.get_db_converters(here)):
        value = convert(value, column, here)
    return value


@lru_cache(maxsize=32)
def _columns(model: type[Model]) -> tuple[Col, ...]:
    return tuple(field.get_col(model._meta.db_table) for field in model._meta.concrete_fields)


@lru_cache(maxsize=32)
def _select(model: type[Model], name: str) -> str:
    names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return f'SELECT {names} FROM {model._meta.db_table} WHERE "{_field(model, name).column}" = %s'  # noqa: S608


@lru_cache(maxsize=32)
def _insert(model: type[Model]) -> tuple[str, tuple[Field, ...]]:
    fields = tuple(field for field in model._meta.concrete_fields if not field.primary_key)
    names = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING", fields  # noqa: S608
