"""Pruning: what is older than its policy allows goes, a few rows at a time. Rooms register what can be pruned of
theirs.

Each table is walked once a day in the order of its primary key, which is the order in which its rows came into being:
so no index is needed for it, and what must stay is looked at once a day only. The walk stops where nothing is old any
more. A portion is one short transaction that also moves the mark, by a conditional update: of two runners one does it.
"""

from __future__ import annotations

import logging
import time

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from wagtail_flows.lib.models import PruningWalk


log = logging.getLogger(__name__)

EACH = timedelta(days=1)
PORTION = 500
# So long a round of the runner prunes at most; then the others have their turn.
SECONDS_PER_ROUND = 0.5


@dataclass(frozen=True)
class Prunable:
    """One kind of rows. `days()` says how long they are kept (None: for ever) and is read anew each time.

    `rows()` are walked; `moment` names the column that grows with their primary key, never earlier than the row.
    `prune(rows, cutoff)` gets the old ones of a portion, keeps what must be kept, and answers how many it pruned.
    """

    name: str
    days: Callable[[], int | None]
    rows: Callable[[], QuerySet[Any]]
    moment: str
    prune: Callable[[QuerySet[Any], datetime], int]


_prunables: dict[str, Prunable] = {}


def register(prunable: Prunable) -> None:
    """Prune this too. Registering one of the same name replaces it."""
    _prunables[prunable.name] = prunable


def all_prunables() -> list[Prunable]:
    return list(_prunables.values())


def prune_some(now: datetime, until: float | None = None) -> int:
    """Go on with the walks that are due, for a moment; how many rows were pruned."""
    soon = time.monotonic() + SECONDS_PER_ROUND
    deadline = soon if until is None else min(soon, until)
    return sum(_walk(one, now, deadline) for one in all_prunables())


def prune_all(prunable: Prunable, now: datetime) -> int:
    """Walk the whole table now, whenever it was last walked; how many rows were pruned."""
    PruningWalk.objects.filter(name=prunable.name).update(last_id=0, began_at=None)
    return _walk(prunable, now, None)


def _walk(prunable: Prunable, now: datetime, deadline: float | None) -> int:
    pruned = 0
    days = prunable.days()
    while days is not None and (deadline is None or time.monotonic() < deadline):
        portion = _portion(prunable, now, now - timedelta(days=days))
        if portion is None:
            break
        pruned += portion
    if pruned:
        log.info("%d rows of %s were pruned.", pruned, prunable.name)
    return pruned


def _portion(prunable: Prunable, now: datetime, cutoff: datetime) -> int | None:
    """How many rows of the next portion were pruned; None when there is none today, or another runner took it."""
    walk, _is_new = PruningWalk.objects.get_or_create(name=prunable.name)
    if not walk.last_id and walk.began_at is not None and now - walk.began_at < EACH:
        return None
    rows = prunable.rows().filter(pk__gt=walk.last_id).order_by("pk")
    found = list(rows.values_list("pk", prunable.moment)[:PORTION])
    old = [pk for pk, moment in found if moment < cutoff]
    is_last = len(found) < PORTION or not old
    moved = {"last_id": 0 if is_last else found[-1][0], "began_at": walk.began_at if walk.last_id else now}
    with transaction.atomic():
        mine = PruningWalk.objects.filter(pk=walk.pk, last_id=walk.last_id, began_at=walk.began_at)
        if not mine.update(**moved):
            return None
        return prunable.prune(prunable.rows().filter(pk__in=old), cutoff) if old else 0
