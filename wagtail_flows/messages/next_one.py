"""The commit between two mails as one statement: how the mail before ended, is the next one still let through, and that
it is being handed over. It is the hottest statement there is, so its SQL is made once.

PostgreSQL does it in one round trip, which is its own transaction; SQLite takes two statements in one.
"""

from __future__ import annotations

import uuid

from collections.abc import Callable, Mapping
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
BOTH = "WITH settled AS ({settle} RETURNING 1), begun AS ({begin} RETURNING 1) SELECT {settled}, {begun}"
# Stands for the delivery's own id where the doubts are compiled.
ANY = -1


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
    settling = _settling(before, token, now) if before is not None else None
    beginning = _beginning(delivery, token, now, subject, revision_id)
    if connection.vendor == "postgresql":
        return _at_once(settling, beginning, meanwhile)
    meanwhile()
    with transaction.atomic():
        return Told(settling is not None and _changed(SETTLE, settling), _changed(_begin_sql(), beginning))


def _at_once(settling: tuple[Any, ...] | None, beginning: tuple[Any, ...], meanwhile: Callable[[], None]) -> Told:
    if settling is None:
        count, _answer = run_hot(_begin_sql(), beginning, meanwhile)
        return Told(is_settled=False, is_begun=count == 1)
    _count, answer = run_hot(_both_sql(), settling + beginning, meanwhile)
    settled, begun = answer or (0, 0)
    return Told(settled == 1, begun == 1)


def _changed(sql: str, values: tuple[Any, ...]) -> bool:
    return run_hot(sql, values)[0] == 1


def _settling(before: Before, token: uuid.UUID, now: datetime) -> tuple[Any, ...]:
    return _stored({"ended_at": now, "provider_id": before.provider_id, "id": before.delivery.pk, "lease_token": token})


def _beginning(
    delivery: Delivery, token: uuid.UUID, now: datetime, subject: str, revision_id: int | None
) -> tuple[Any, ...]:
    written = {
        "sending_at": now,
        "leased_until": lease_end(),
        "is_repeatable": delivery.is_repeatable,
        "rendered_subject": subject[:250],
        "message_revision": revision_id,
        "id": delivery.pk,
        "lease_token": token,
    }
    _sql, values = _doubtful(gates.doubters(), connection.vendor)
    return _stored(written) + tuple(delivery.pk if value == ANY else value for value in values)


def _stored(written: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values as this database keeps them."""
    fields: Any = Delivery._meta
    return tuple(fields.get_field(name).get_db_prep_save(value, connection) for name, value in written.items())


def _begin_sql() -> str:
    return BEGIN.format(doubtful=_doubtful(gates.doubters(), connection.vendor)[0])


def _both_sql() -> str:
    counts = {name: f"(SELECT count(*) FROM {name})" for name in ("settled", "begun")}  # noqa: S608
    return BOTH.format(settle=SETTLE, begin=_begin_sql(), **counts)


@lru_cache(maxsize=8)
def _doubtful(doubts: tuple[Doubt, ...], _vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The query that finds a delivery by its id if a gate has a doubt about it, with its values."""
    if not doubts:
        return "SELECT 1 WHERE 1 = 0", ()
    condition = reduce(or_, (doubt() for doubt in doubts))
    sql, values = Delivery.objects.filter(condition, pk=ANY).order_by().values("pk").query.sql_with_params()
    return sql, values
