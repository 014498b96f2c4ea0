"""Row locks as each database allows them.

SQLite has none and needs none: its transactions are IMMEDIATE, so whoever writes is alone from BEGIN to COMMIT.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet


M = TypeVar("M", bound=Model)


def locked(queryset: QuerySet[M]) -> QuerySet[M]:
    """Lock the rows until the transaction ends, waiting for who holds them. Order by id where there are several."""
    return _select_for_update(queryset, skip_locked=False)


def skip_locked(queryset: QuerySet[M]) -> QuerySet[M]:
    """Lock the rows that nobody holds, leaving the others out."""
    return _select_for_update(queryset, skip_locked=True)


def locked_to_delete(queryset: QuerySet[M]) -> QuerySet[M]:
    """Lock the rows until the transaction ends, as `locked` does, and let nobody commit a new row that refers to them:
    what is deleted with them is then all there is.
    """
    return queryset.select_for_update() if connections[queryset.db].features.has_select_for_update else queryset


def _select_for_update(queryset: QuerySet[M], *, skip_locked: bool) -> QuerySet[M]:
    features = connections[queryset.db].features
    if not features.has_select_for_update:
        return queryset
    options: dict[str, Any] = {"skip_locked": skip_locked and features.has_select_for_update_skip_locked}
    if features.has_select_for_update_of:
        options["of"] = ("self",)
    # A weaker lock on PostgreSQL that still excludes any change of the row, but lets others insert rows which refer to
    # it: recording an event of a locked contact neither waits nor deadlocks.
    if features.has_select_for_no_key_update:
        options["no_key"] = True
    return queryset.select_for_update(**options)
