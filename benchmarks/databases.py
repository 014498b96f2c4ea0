"""The databases that are measured on: one for each size, made when missing or made of something older, and kept."""

from __future__ import annotations

import hashlib

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper


# Where the invented two years end; the clock is moved there.
UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS_PER_CONTACT = 10
ORDERS_PER_CONTACT = 2

_PACKAGE = Path(__file__).resolve().parent.parent / "wagtail_flows"
# A database made by other code than this isn't what would be measured.
_MADE_BY = ("migrations/0001_initial.py", "management/invented.py", "management/invented_world.py")


def name_of(contacts: int) -> str:
    """bench_1m, bench_100k, bench_1234."""
    for unit, letter in ((1_000_000, "m"), (1_000, "k")):
        if contacts and contacts % unit == 0:
            return f"bench_{contacts // unit}{letter}"
    return f"bench_{contacts}"


@contextmanager
def opened(contacts: int) -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own to the database of that size."""
    other = connections.create_connection("default")
    other.settings_dict = {**connections["default"].settings_dict, "NAME": name_of(contacts)}
    try:
        yield other
    finally:
        other.close()


@contextmanager
def using(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Let the default connection be another one inside the block."""
    before = connections["default"]
    connections["default"] = other
    try:
        yield
    finally:
        connections["default"] = before


@contextmanager
def asked(contacts: int) -> Iterator[None]:
    """Let the default connection be one to the database of that size inside the block."""
    with opened(contacts) as other, using(other):
        yield


def make_ready(contacts: int) -> None:
    """Make and fill the database unless it is there, made by the same code."""
    name, marked = name_of(contacts), _mark()
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        found = cursor.fetchone()
        if found == (marked,):
            return
        print(f"Making the database {name} ...", flush=True)
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    with asked(contacts):
        _fill(contacts)
    # Only now: one that was left half done is made anew.
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{marked}'")


def _fill(contacts: int) -> None:
    call_command("migrate", verbosity=0)
    call_command(
        "flows_bench_data",
        contacts=contacts,
        events_per_contact=EVENTS_PER_CONTACT,
        orders_per_contact=ORDERS_PER_CONTACT,
        until=UNTIL,
    )


def _mark() -> str:
    digest = hashlib.sha256()
    for path in _MADE_BY:
        digest.update((_PACKAGE / path).read_bytes())
    return f"flows_bench_data {digest.hexdigest()}"


def drop(contacts: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name_of(contacts)}")
