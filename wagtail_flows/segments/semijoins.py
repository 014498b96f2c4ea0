"""Who has a row of some kind, or groups of rows that add up to something, as one join.

A group of clauses asks the database as few things as it can: several rows of which any will do are one semi-join with
all of them, and several sums over the same rows are read in one go. Asked one by one, alternatives can't be joined at
all on PostgreSQL, and sums are made as often as they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import BooleanField, Exists, F, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable


Rows = QuerySet[Any, Any]


class InRows(Subquery):
    """Whether the outer contact is among the `contact_id` of any of the querysets.

    `IN (SELECT …)` would be the plain way to say it; but its denial can't become an anti-join on PostgreSQL, because of
    what NULL would mean, and costs a look-up per contact instead. Wrapped in EXISTS both directions are joins.
    """

    output_field = BooleanField()
    empty_result_set_value = False
    template = "EXISTS (SELECT 1 FROM (%(subquery)s) AS flows_rows WHERE flows_rows.contact_id = %(outer)s)"

    def __init__(self, querysets: Sequence[Rows], outer: str = "pk") -> None:
        self.querysets = tuple(querysets)
        first, *others = (rows.order_by().values("contact_id") for rows in self.querysets)
        # Without the last order_by() Django 6.1 gives the whole union the model's own ordering.
        super().__init__(first.union(*others, all=True).order_by() if others else first)
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


class LookedUp(Exists):
    """The same as Exists, asked row by row. For a batch: PostgreSQL would rather read the whole other table at once,
    which costs what that table is.
    """

    # What has an OFFSET can't become a join.
    template = "EXISTS(%(subquery)s OFFSET 0)"


class LookedUpRows(InRows):
    """The same as InRows, asked row by row, for a batch."""

    # On SQLite an OFFSET comes after a LIMIT only.
    template = f"{InRows.template[:-1]} LIMIT 1 OFFSET 0)"


@dataclass(frozen=True)
class Sum:
    """An aggregate over a contact's rows, and what must hold of the column that it is put in."""

    aggregate: Any
    condition: Callable[[str], Q]


class InGroups(InRows):
    """Whether the outer contact's rows meet all the sums. `same` tells which of them are over the same rows."""

    def __init__(self, rows: Rows, sums: Sequence[Sum], same: Hashable) -> None:
        self.rows, self.sums, self.same = rows, tuple(sums), same
        grouped = rows.order_by().values("contact_id")
        conditions = Q()
        for number, one in enumerate(sums):
            column = f"amount_{number}"
            grouped, conditions = grouped.annotate(**{column: one.aggregate}), conditions & one.condition(column)
        super().__init__([grouped.filter(conditions)])


def has_row(rows: Rows) -> Q:
    """Who has one of these rows."""
    return Q(InRows([rows]))


J = TypeVar("J", bound=InRows)


def looked_up(part: Q) -> Q:
    """The same condition, asked row by row if it looks for a row and isn't denied."""
    join = _plain(part, InRows)
    return part if join is None else Q(LookedUpRows(join.querysets))


def _plain(part: Q, kind: type[J]) -> J | None:
    """The join that a condition consists of and doesn't deny, if it is of that very kind."""
    only: Any = part.children[0] if len(part.children) == 1 else None
    return only if type(only) is kind and not part.negated else None


def joined_any(parts: Iterable[Q]) -> list[Q]:
    """Conditions of which any will do, with all that look for a row in one."""
    kept: list[Q] = []
    querysets: list[Rows] = []
    for part in parts:
        join = _plain(part, InRows) or _plain(part, InGroups)
        if join is None:
            kept.append(part)
        else:
            querysets += join.querysets
    return [*kept, Q(InRows(querysets))] if querysets else kept


def joined_all(parts: Iterable[Q]) -> list[Q]:
    """Conditions that must all hold, with the sums over the same rows in one."""
    kept: list[Q] = []
    groups: dict[Hashable, InGroups] = {}
    for part in parts:
        group = _plain(part, InGroups)
        if group is None or group.same is None:
            kept.append(part)
        elif known := groups.get(group.same):
            groups[group.same] = InGroups(known.rows, (*known.sums, *group.sums), group.same)
        else:
            groups[group.same] = group
    return [*kept, *(Q(group) for group in groups.values())]
