"""Who has so many, or so much, of something."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.db.models import Q, QuerySet

from wagtail_flows.lib.among import among
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.semijoins import InGroups, Sum


def rows_of(rows: QuerySet[Any, Any], scope: Scope) -> QuerySet[Any, Any]:
    """Only the rows of the contacts that are asked about, so that a batch costs what the batch is."""
    return rows if scope.ids is None else rows.filter(among("contact_id", scope.ids))


def groups(
    rows: QuerySet[Any, Any], scope: Scope, aggregate: Any, condition: Callable[[str], Q], same: Hashable = None
) -> Q:
    """Contacts whose aggregate over their rows meets the condition on its column. `same` (None: nothing is) names the
    rows: with equal ones, several sums are made in one go.
    """
    known = rows_of(rows.filter(contact_id__isnull=False), scope)
    return Q(InGroups(known, [Sum(aggregate, condition)], same))


def counted(
    rows: QuerySet[Any, Any], operator: str, value: Any, scope: Scope, aggregate: Any, same: Hashable = None
) -> Q:
    """Contacts by the number of their rows; who has none counts as nought."""

    def condition(column: str) -> Q:
        return comparing.number(operator, value, column)

    if comparing.holds_for(operator, value, 0):
        return ~groups(rows, scope, aggregate, lambda column: ~condition(column))
    return groups(rows, scope, aggregate, condition, same)
