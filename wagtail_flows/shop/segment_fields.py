"""What segments can ask about orders.

Orders that were only drafted count nowhere; cancelled ones only where a status is chosen. Sums are exact, and an
average is compared without dividing: `average ≥ x` is `sum ≥ x × count`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Avg, BigIntegerField, Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.utils.translation import gettext_lazy as _

from wagtail_flows.lib.fields import PLACES
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.fields import Field, Option, OptionKind
from wagtail_flows.segments.grouped import counted, groups
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause
from wagtail_flows.segments.semijoins import has_row
from wagtail_flows.shop.models import Order, OrderLine


GROUP = _("Orders")

WITHIN = Option("within_days", OptionKind.DAYS, _("placed in the last (days)"))
SHOP = Option("shop", OptionKind.REFERENCE, _("shop"), refers_to="shop")
CURRENCY = Option("currency", OptionKind.TEXT, _("currency"))
STATUS = Option(
    "status",
    OptionKind.CHOICE,
    _("status"),
    choices=(
        ("paid", _("paid")),
        ("shipped", _("shipped")),
        ("delivered", _("delivered")),
        ("cancelled", _("cancelled")),
        ("refunded", _("refunded, at least in part")),
        ("fully_refunded", _("refunded in full")),
    ),
)
ORDERS = (CURRENCY, SHOP, STATUS, WITHIN)

FIELDS = (
    Field("order.count", _("number of orders"), GROUP, FieldType.COUNT, options=ORDERS),
    Field("order.total", _("total of the orders"), GROUP, FieldType.NUMBER, options=ORDERS),
    Field("order.average", _("average of the orders"), GROUP, FieldType.NUMBER, options=ORDERS),
    Field("order.first_at", _("first order"), GROUP, FieldType.MOMENT, options=ORDERS),
    Field("order.last_at", _("last order"), GROUP, FieldType.MOMENT, options=ORDERS),
    Field("order.delivered_at", _("last delivery"), GROUP, FieldType.MOMENT, options=(SHOP,)),
    Field("order.product", _("bought a product"), GROUP, FieldType.MEMBERSHIP, refers_to="product", options=ORDERS),
    Field(
        "order.category", _("bought from a category"), GROUP, FieldType.MEMBERSHIP, refers_to="category", options=ORDERS
    ),
)

_AGGREGATES = {
    "order.total": Sum("total"),
    "order.average": Avg("total"),
    "order.first_at": Min("placed_at"),
    "order.last_at": Max("placed_at"),
    "order.delivered_at": Max("delivered_at"),
    "order.count": Count("*"),
}
_MOMENTS = {"order.first_at", "order.last_at", "order.delivered_at"}
_BOUGHT = {"order.product": "product_id", "order.category": "category"}


class OrderSource:
    def fields(self) -> Iterable[Field]:
        return FIELDS

    def q(self, clause: Clause, scope: Scope) -> Q:
        rows = _rows(clause, scope)
        if clause.field in _BOUGHT:
            return _bought(clause, rows)
        if clause.field == "order.count":
            return _count(clause, rows, scope)
        if clause.field == "order.average":
            return _average(clause, rows, scope)
        aggregate = _AGGREGATES[clause.field]
        same = _same(clause)
        if clause.field in _MOMENTS:
            return groups(rows, scope, aggregate, lambda column: comparing.moment(clause, column, scope), same)
        number = partial(comparing.number, clause.operator, clause.value)
        return groups(rows, scope, aggregate, number, same)

    def hangs_on(self, clause: Clause, scope: Scope) -> Hashable:
        return None

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        rows = _rows(clause, scope).filter(contact_id__in=contact_ids).order_by()
        if clause.field in _BOUGHT:
            lines = OrderLine.objects.filter(_lines(clause), order__in=rows).order_by("product_name")
            seen: dict[int, list[str]] = {}
            for contact_id, name in lines.values_list("order__contact_id", "product_name").distinct():
                seen.setdefault(contact_id, []).append(name)
            return seen
        return dict(
            rows.values("contact_id").annotate(amount=_AGGREGATES[clause.field]).values_list("contact_id", "amount")
        )


def _same(clause: Clause) -> tuple[Hashable, ...]:
    """Clauses for which this is equal are about the same orders."""
    return (Order, clause.options)


def _rows(clause: Clause, scope: Scope) -> QuerySet[Order]:
    """The orders that the clause is about."""
    rows = Order.objects.filter(placed_at__isnull=False)
    status = clause.option("status")
    rows = rows.filter(**{f"{status}_at__isnull": False}) if status else rows.filter(cancelled_at__isnull=True)
    if shop := clause.option("shop"):
        rows = rows.filter(shop__public_id=shop)
    if currency := clause.option("currency"):
        rows = rows.filter(currency=currency.strip().upper())
    if (within := clause.option("within_days")) is not None:
        rows = rows.filter(comparing.moment(Clause("", "in_last_days", within), "placed_at", scope))
    return rows


def _lines(clause: Clause) -> Q:
    return Q(**{f"{_BOUGHT[clause.field]}__in": clause.chosen(), "is_removed": False})


def _bought(clause: Clause, rows: QuerySet[Order]) -> Q:
    lines = OrderLine.objects.filter(_lines(clause), order_id=OuterRef("pk"))
    return has_row(rows.filter(Exists(lines)))


def _count(clause: Clause, rows: QuerySet[Order], scope: Scope) -> Q:
    if clause.operator == "at_least_once" or (clause.operator, clause.value) == ("at_least", 1):
        return has_row(rows)
    return counted(rows, clause.operator, clause.value, scope, _AGGREGATES[clause.field], _same(clause))


def _average(clause: Clause, rows: QuerySet[Order], scope: Scope) -> Q:
    """`sum − x × count`, in millionths, against nought."""
    rows = rows.filter(total__isnull=False)
    match clause.operator, clause.value:
        case "is_set", _:
            return has_row(rows)
        case "between", (Decimal() as low, Decimal() as high):
            return _above(clause, rows, scope, "at_least", low) & _above(clause, rows, scope, "at_most", high)
        case operator, Decimal() as value:
            return _above(clause, rows, scope, operator, value)
    raise LookupError(clause.operator)


def _above(clause: Clause, rows: QuerySet[Order], scope: Scope, operator: str, value: Decimal) -> Q:
    whole = BigIntegerField()
    summed = Sum("total", output_field=whole)
    expected = Value(int(value.scaleb(PLACES)), output_field=whole) * Count("*")
    same = ("with a total", *_same(clause))
    return groups(rows, scope, summed - expected, partial(comparing.number, operator, 0), same)
