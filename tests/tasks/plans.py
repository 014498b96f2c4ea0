"""What the database was asked, and how PostgreSQL would answer."""

from __future__ import annotations

import json

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.tasks.ballast import LARGE


PLAIN = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH", "(")


def asked(work: Callable[[], object]) -> list[str]:
    """Every statement that `work` sends."""
    with CaptureQueriesContext(connection) as queries:
        work()
    return [query["sql"] for query in queries]


def plans(sql: str) -> Iterator[dict[str, Any]]:
    """Each node of the plan that PostgreSQL makes of this statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        (told,) = cursor.fetchone()
    waiting = [(json.loads(told) if isinstance(told, str) else told)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("Plans", [])


def scanned(statements: Iterable[str]) -> dict[str, str]:
    """Large tables that a plan reads from one end to the other, with the statement."""
    large = {model._meta.db_table for model in LARGE}
    return {
        sql: node["Relation Name"]
        for sql in statements
        if sql.startswith(PLAIN)
        for node in plans(sql)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large
    }
