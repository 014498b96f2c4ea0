"""Who has so many, or so much, of something: a semi-join on a grouped sub-query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from wagtail_flows.lib.among import among
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope


class InGroups(Subquery):
    """Whether the outer contact is among the contact ids of a grouped queryset.

    `IN (SELECT … GROUP BY …)` would be the plain way to say it; but its denial can't become an anti-join on
    PostgreSQL, because of what NULL would mean, and costs a look-up per contact instead. Wrapped in EXISTS both
    directions are joins.
    """

    output_field = BooleanField()
    empty_result_set_value = False
    template = "EXISTS (SELECT 1 FROM (%(subquery)s) AS flows_grouped WHERE flows_grouped.contact_id = %(outer)s)"

    def __init__(self, grouped: QuerySet[Any, Any], outer: str = "pk") -> None:
        super().__init__(grouped)
        self.outer: Combinable = F(outer)

    def get_source_expressions(self) -> list[Any]:
        return [*super().get_source_expressions(), self.outer]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        *inner, self.outer = exprs
        super().set_source_expressions(inner)

    def as_sql(self, compiler: Any, connection: Any, template: str | None = None, **extra: Any) -> tuple[str, Any]:
        outer, params = compiler.compile(self.outer)
        sql, inner_params = super().as_sql(compiler, connection, template, outer=outer, **extra)
        return sql, (*inner_params, *params)


def rows_of(rows: QuerySet[Any, Any], scope: Scope) -> QuerySet[Any, Any]:
    """Only the rows of the contacts that are asked about, so that a batch costs what the batch is."""
    return rows if scope.ids is None else rows.filter(among("contact_id", scope.ids))


def groups(rows: QuerySet[Any, Any], scope: Scope, aggregate: Any, condition: Q) -> Q:
    """Contacts whose `amount` (the aggregate over their rows) meets `condition`."""
    grouped = (
        rows_of(rows.filter(contact_id__isnull=False), scope).order_by().values("contact_id").annotate(amount=aggregate)
    )
    return Q(InGroups(grouped.filter(condition).values("contact_id")))


def counted(rows: QuerySet[Any, Any], operator: str, value: Any, scope: Scope, aggregate: Any) -> Q:
    """Contacts by the number of their rows; who has none counts as nought."""
    condition = comparing.number(operator, value, "amount")
    if comparing.holds_for(operator, value, 0):
        return ~groups(rows, scope, aggregate, ~condition)
    return groups(rows, scope, aggregate, condition)
