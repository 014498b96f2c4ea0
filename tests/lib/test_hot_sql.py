"""A statement that is run very often; what is done meanwhile never costs its answer."""

from __future__ import annotations

import pytest

from django.db import DataError, connection

from wagtail_flows.lib.hot_sql import run_hot


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[None, 0], ids=["plain", "prepared"])
def way(request, monkeypatch):
    """As PostgreSQL is asked without and with prepared statements; SQLite knows one way only."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        monkeypatch.setattr(connection.connection, "prepare_threshold", request.param)


@pytest.mark.usefixtures("way")
def test_something_is_done_once_in_the_meantime():
    done = []
    for number in range(3):
        count, row = run_hot("SELECT 1 + %s WHERE 1 = %s", [number, 1], lambda: done.append("once"))
        assert row == (number + 1,)
        assert count in (1, -1)  # SQLite doesn't count what it finds
    assert done == ["once"] * 3


@pytest.mark.usefixtures("way")
def test_what_goes_wrong_in_the_meantime_leaves_a_connection_that_can_be_used():
    class Stopped(BaseException):
        pass

    def stop():
        raise Stopped

    with pytest.raises(Stopped):
        run_hot("SELECT 1", [], stop)
    assert run_hot("SELECT 2", [])[1] == (2,)


@pytest.mark.postgres
def test_a_driver_that_knows_no_halves_is_asked_afterwards(monkeypatch):
    from psycopg import Cursor  # noqa: PLC0415 - only where this driver is in use

    class Whole(Cursor):
        _execute_gen = None

        def execute(self, *args, **more):
            order.append("asked")
            return connection.connection.cursor().execute(*args, **more)

        rownumber = None

    order = []
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", 0)
    monkeypatch.setattr("psycopg.Cursor", Whole)
    run_hot("SELECT 1", [], lambda: order.append("meanwhile"))
    assert order == ["meanwhile", "asked"]


@pytest.mark.postgres
@pytest.mark.usefixtures("way")
def test_what_the_database_refuses_is_an_error_of_the_database():
    with pytest.raises(DataError):
        run_hot("SELECT 1 / %s", [0])
    assert run_hot("SELECT 2", [])[1] == (2,)
