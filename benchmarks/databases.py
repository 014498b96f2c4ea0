"""The databases that are measured on: one for each size, made when missing or made of something older, and kept."""

from __future__ import annotations

import hashlib

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
# The comment on a database begins with this.
MARK = "flows_bench_data"
# A database made by other code than this isn't what would be measured.
_MADE_BY = ("migrations/0001_initial.py", "management/invented.py", "management/invented_world.py")


def name_of(contacts: int) -> str:
    """bench_1m, bench_100k, bench_1234."""
    for unit, letter in ((1_000_000, "m"), (1_000, "k")):
        if contacts and contacts % unit == 0:
            return f"bench_{contacts // unit}{letter}"
    return f"bench_{contacts}"


@contextmanager
def reached(name: str) -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own to the database called `name`."""
    other = connections.create_connection("default")
    other.settings_dict = {**connections["default"].settings_dict, "NAME": name}
    try:
        yield other
    finally:
        other.close()


def opened(contacts: int) -> AbstractContextManager[BaseDatabaseWrapper]:
    """A connection of its own to the database of that size."""
    return reached(name_of(contacts))


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
    """Make and fill the database of that size unless it is there, made by the same code."""
    made_ready(name_of(contacts), lambda: _fill(contacts))


def made_ready(name: str, fill: Callable[[], None], made_by: Iterable[Path] = ()) -> None:
    """Make the database and `fill` it, unless it is there, made by the same code."""
    marked = _mark(made_by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        found = cursor.fetchone()
        if found == (marked,):
            return
        print(f"Making the database {name} ...", flush=True)
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    with reached(name) as other, using(other):
        fill()
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


def _mark(made_by: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in (*(_PACKAGE / path for path in _MADE_BY), *made_by):
        digest.update(path.read_bytes())
    return f"{MARK} {digest.hexdigest()}"


def drop_all() -> None:
    """Every database that was made for measuring."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s AND shobj_description(oid, 'pg_database') LIKE %s",
            ["bench_%", f"{MARK} %"],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE {name}")
