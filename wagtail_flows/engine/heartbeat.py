"""The one row by which runners know of each other: is the bell rung, who waits, when did anybody last work.

All by the real clock, which nobody moves. Each answer is the row count of one conditional update, so two processes
can't both be told yes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from wagtail_flows.engine.models import Heartbeat
from wagtail_flows.lib import clock
from wagtail_flows.lib.hot_sql import run_hot


ROW = 1
TABLE = Heartbeat._meta.db_table
# A ring that nobody answered for so long was lost with its queue; the next one counts again.
LOST_AFTER = timedelta(seconds=60)


def take_bell() -> bool:
    """Whether the caller must wake a runner: yes for the first who rings until a runner answers, no for all others."""
    now = clock.real_now()
    # Most often it is rung already: that is found out by reading, which is cheaper than trying to write.
    if _rung_since(now - LOST_AFTER):
        return False
    return _update(Q(rung_at__isnull=True) | Q(rung_at__lt=now - LOST_AFTER), rung_at=now)


def _rung_since(since: datetime) -> bool:
    value = connection.ops.adapt_datetimefield_value(since)
    return run_hot(f"SELECT 1 FROM {TABLE} WHERE id = %s AND rung_at >= %s", [ROW, value])[1] is not None  # noqa: S608


def answer_bell() -> None:
    """A runner begins to look at everything: whoever rings from now on rings anew."""
    _update(Q(), rung_at=None, beat_at=clock.real_now())


def is_rung() -> bool:
    """Whether somebody has rung since a runner last answered."""
    return Heartbeat.objects.filter(pk=ROW, rung_at__isnull=False).exists()


def begin_waiting(until: datetime) -> bool:
    """Whether the caller is the one runner that may sleep, until `until` at the latest. Others needn't: they'd only
    take a worker.
    """
    return _update(Q(waiting_until__isnull=True) | Q(waiting_until__lt=clock.real_now()), waiting_until=until)


def end_waiting() -> None:
    """Let another runner be the one that sleeps."""
    _update(Q(), waiting_until=None)


def last_beat() -> datetime | None:
    """When a runner last worked, by the real clock; None when none ever did."""
    return Heartbeat.objects.filter(pk=ROW).values_list("beat_at", flat=True).first()


def _update(condition: Q, **values: datetime | None) -> bool:
    row = Heartbeat.objects.filter(condition, pk=ROW)
    if row.update(**values):
        return True
    if Heartbeat.objects.filter(pk=ROW).exists():
        return False
    # The very first time: whoever inserts it, the conditional update is the referee.
    Heartbeat.objects.bulk_create([Heartbeat(pk=ROW)], ignore_conflicts=True)
    return row.update(**values) == 1
