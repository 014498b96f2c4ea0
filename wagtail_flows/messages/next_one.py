"""The commit between two mails as one statement: how the mail before ended, is the next one still let through, and that
it is being handed over. It is the hottest statement there is, so its SQL is made once.

PostgreSQL does it in one round trip, which is its own transaction; SQLite takes two statements in one.
"""

from __future__ import annotations

import re
import uuid

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db import connection, transaction

from wagtail_flows.lib.hot_sql import run_hot
from wagtail_flows.messages import gates
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.gates import Doubt
from wagtail_flows.messages.leasing import lease_end


TABLE = Delivery._meta.db_table
STILL_OURS = "lease_token = %s AND status IN ('queued', 'sending', 'uncertain')"
SETTLE = (
    f"UPDATE {TABLE} SET status = 'sent', ended_at = %s, provider_id = %s, reason = '', error = '', lease_token = NULL,"  # noqa: S608
    f" leased_until = NULL WHERE id = %s AND {STILL_OURS}"
)
BEGIN = (
    f"UPDATE {TABLE} SET status = 'sending', sending_at = %s, leased_until = %s, attempts = attempts + 1,"  # noqa: S608
    " is_repeatable = %s, rendered_subject = %s, message_revision_id = %s, reason = '', error = ''"
    " WHERE id = %s AND lease_token = %s AND status = 'queued' AND NOT EXISTS ({doubtful})"
)
BOTH = (
    "WITH settled AS ({settle} RETURNING 1), begun AS ({begin} RETURNING 1)"
    " SELECT (SELECT count(*) FROM settled), (SELECT count(*) FROM begun)"
)
GAP = re.compile("%%|%s")
# The columns that are written, in the order of the gaps above.
SETTLED = ("ended_at", "provider_id", "id", "lease_token")
BEGUN = ("sending_at", "leased_until", "is_repeatable", "rendered_subject", "message_revision", "id", "lease_token")
# Stands for the delivery's own id where the doubts are compiled, and afterwards.
ANY_ID = -1
ANY = object()


@dataclass(frozen=True, slots=True)
class Told:
    """What was written. `is_settled`: how the mail before ended, if there was one; `is_begun`: the next one is sending.
    Not begun: a gate may object, or the lease was lost.
    """

    is_settled: bool
    is_begun: bool


# Where it wasn't even tried.
NOTHING = Told(is_settled=False, is_begun=False)


@dataclass(frozen=True, slots=True)
class Before:
    """The mail before, which was sent."""

    delivery: Delivery
    provider_id: str


@dataclass(frozen=True, slots=True)
class _Statements:
    """The SQL, with the values of its doubts; where they hold ANY, the id of the delivery stands."""

    begin: str
    both: str
    doubts: tuple[Any, ...]


def go_on(
    before: Before | None,
    delivery: Delivery,
    token: uuid.UUID,
    now: datetime,
    *,
    subject: str,
    revision_id: int | None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Told:
    """queued → sending for `delivery`, unless a gate has a doubt; sending → sent for the mail before. One commit.

    `meanwhile` is called once, if possible while the database is at it; it must not ask the database anything.
    """
    vendor = connection.vendor
    statements = _statements(gates.doubters(), vendor)
    settling = () if before is None else (now, before.provider_id, before.delivery.pk, token)
    begun = (now, lease_end(), delivery.is_repeatable, subject[:250], revision_id, delivery.pk, token)
    doubts = tuple(delivery.pk if value is ANY else value for value in statements.doubts)
    if vendor == "postgresql":
        return _at_once(statements, settling, begun + doubts, meanwhile)
    meanwhile()
    with transaction.atomic():
        is_settled = bool(settling) and _changed(SETTLE, _stored(SETTLED, settling))
        return Told(is_settled, _changed(statements.begin, _stored(BEGUN, begun) + doubts))


def _at_once(
    statements: _Statements, settling: tuple[Any, ...], beginning: tuple[Any, ...], meanwhile: Callable[[], None]
) -> Told:
    if not settling:
        count, _answer = run_hot(statements.begin, beginning, meanwhile)
        return Told(is_settled=False, is_begun=count == 1)
    _count, answer = run_hot(statements.both, settling + beginning, meanwhile)
    settled, begun = answer or (0, 0)
    return Told(settled == 1, begun == 1)


def _changed(sql: str, values: tuple[Any, ...]) -> bool:
    return run_hot(sql, values)[0] == 1


def _stored(columns: tuple[str, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values as this database keeps them. (PostgreSQL's driver takes all of these as they are.)"""
    fields: Any = Delivery._meta
    return tuple(
        fields.get_field(name).get_db_prep_save(value, connection) for name, value in zip(columns, values, strict=True)
    )


@lru_cache(maxsize=8)
def _statements(doubts: tuple[Doubt, ...], vendor: str) -> _Statements:
    doubtful, values = _doubtful(doubts)
    if vendor == "postgresql":
        doubtful, values = _told_before(doubtful, values)
    begin = BEGIN.format(doubtful=doubtful)
    return _Statements(begin, BOTH.format(settle=SETTLE, begin=begin), values)


def _doubtful(doubts: tuple[Doubt, ...]) -> tuple[str, tuple[Any, ...]]:
    """The query that finds a delivery by its id if a gate has a doubt about it, with its values."""
    if not doubts:
        return "SELECT 1 WHERE 1 = 0", ()
    condition = reduce(or_, (doubt() for doubt in doubts))
    sql, values = Delivery.objects.filter(condition, pk=ANY_ID).order_by().values("pk").query.sql_with_params()
    return sql, tuple(ANY if value == ANY_ID else value for value in values)


def _told_before(sql: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """With everything that is the same each time in the text: it needn't be told to PostgreSQL for each mail."""
    from psycopg.sql import Literal  # noqa: PLC0415 - only where this driver is in use

    connection.ensure_connection()
    waiting = iter(values)

    def told(found: re.Match[str]) -> str:
        if found[0] == "%%" or (value := next(waiting)) is ANY:
            return found[0]
        return Literal(value).as_string(connection.connection).replace("%", "%%")

    return GAP.sub(told, sql), tuple(value for value in values if value is ANY)
