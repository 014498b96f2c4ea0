"""Facts into rows: orders, their lines and their parcels.

The order's row is locked for as long as this takes, so two messages about one order never interleave.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import Model

from wagtail_flows.lib.db import locked
from wagtail_flows.shop import milestones
from wagtail_flows.shop.claims import FULFILMENTS_LISTED, LINES_LISTED, fulfilment_claims, line_claims, order_claims
from wagtail_flows.shop.customers import contact_of
from wagtail_flows.shop.facts import FulfilmentFact, OrderFact
from wagtail_flows.shop.merging import Known, merged, value
from wagtail_flows.shop.models import Fulfilment, FulfilmentLine, Order, OrderLine, Shop


M = TypeVar("M", bound=Model)

LAST_POSITION = 32767
TEXT_COLUMNS = ("number", "address", "locale", "channel", "status", "currency")
LINE_TEXT_COLUMNS = (
    "product_name",
    "variant_name",
    "sku",
    "variant_id",
    "product_id",
    "product_slug",
    "category",
    "image_url",
)
FULFILMENT_TEXT_COLUMNS = ("status", "tracking")


class Tracked(Generic[M]):
    """A row that is saved only if it is new or something in it changed: most messages repeat what is known."""

    def __init__(self, row: M) -> None:
        self.row = row
        self._before = None if row.pk is None else self._columns()

    def save(self) -> None:
        if self._before != self._columns():
            self.row.save()

    def _columns(self) -> dict[str, Any]:
        return {field.attname: getattr(self.row, field.attname) for field in self.row._meta.concrete_fields}


def upsert_order(shop: Shop, fact: OrderFact, fulfilment: FulfilmentFact | None, told_at: datetime) -> Order:
    """Merge what one message told into the order, and return it locked and settled. Needs a transaction."""
    Order.objects.get_or_create(shop=shop, external_id=fact.external_id)
    order = locked(Order.objects.filter(shop=shop)).get(external_id=fact.external_id)
    order.shop = shop
    order.told = merged(order.told, order_claims(fact, told_at))
    order.told_at = max(order.told_at or told_at, told_at)
    lines = {line.external_id: Tracked(line) for line in order.lines.all()}
    for position, line in enumerate(fact.lines or ()):
        row = lines.setdefault(line.external_id, Tracked(OrderLine(order=order, external_id=line.external_id))).row
        row.told = merged(row.told, line_claims(line, position, told_at))
    parcels = {parcel.external_id: Tracked(parcel) for parcel in order.fulfilments.all()}
    for parcel in (*(fact.fulfilments or ()), *((fulfilment,) if fulfilment else ())):
        new = Fulfilment(order=order, external_id=parcel.external_id)
        of_parcel = parcels.setdefault(parcel.external_id, Tracked(new)).row
        of_parcel.told = merged(of_parcel.told, fulfilment_claims(parcel, told_at))
    _settle(order, list(lines.values()), list(parcels.values()))
    return order


def settle(order: Order) -> None:
    """Compute all columns of a locked order, its lines and its parcels from what is known, and save what changed."""
    _settle(order, [Tracked(line) for line in order.lines.all()], [Tracked(one) for one in order.fulfilments.all()])


def _settle(order: Order, lines: list[Tracked[OrderLine]], parcels: list[Tracked[Fulfilment]]) -> None:
    order.contact = contact_of(order.told)
    dates = [_settle_parcel(order, parcel) for parcel in parcels]
    for line in lines:
        _settle_line(order, line)
    _read_columns(order, order.told, TEXT_COLUMNS)
    order.total = _decimal(order.told, "total")
    order.metadata = dict(value(order.told, "metadata") or ())
    of_order = milestones.order_dates(order.told, [line.row.told for line in lines], dates)
    for field in fields(of_order):
        setattr(order, field.name, getattr(of_order, field.name))
    order.save()


def _settle_line(order: Order, tracked: Tracked[OrderLine]) -> None:
    line = tracked.row
    _read_columns(line, line.told, LINE_TEXT_COLUMNS)
    line.position = min(value(line.told, "position") or 0, LAST_POSITION)
    line.quantity = value(line.told, "quantity") or 0
    line.quantity_settled = value(line.told, "quantity_settled")
    line.unit_price = _decimal(line.told, "unit_price")
    line.is_removed = not milestones.is_listed(order.told, LINES_LISTED, line.told)
    tracked.save()


def _settle_parcel(order: Order, tracked: Tracked[Fulfilment]) -> milestones.ParcelDates:
    parcel = tracked.row
    dates = milestones.parcel_dates(order.told, parcel.told, order.shop.transit)
    _read_columns(parcel, parcel.told, FULFILMENT_TEXT_COLUMNS)
    parcel.shipped_at = dates.shipped_at
    parcel.delivered_at = dates.delivered_at
    parcel.is_delivery_estimated = dates.is_estimated
    parcel.estimated_delivery_at = dates.estimated_at
    parcel.is_removed = not milestones.is_listed(order.told, FULFILMENTS_LISTED, parcel.told)
    tracked.save()
    _settle_contents(parcel)
    return dates


def _settle_contents(parcel: Fulfilment) -> None:
    """The lines of a parcel are told as a whole."""
    told = dict(value(parcel.told, "lines") or ())
    if told == dict(parcel.lines.values_list("order_line_external_id", "quantity")):
        return
    parcel.lines.all().delete()
    FulfilmentLine.objects.bulk_create(
        FulfilmentLine(fulfilment=parcel, order_line_external_id=line, quantity=count) for line, count in told.items()
    )


def _read_columns(row: Any, told: Known, names: tuple[str, ...]) -> None:
    for name in names:
        setattr(row, name, value(told, name) or "")


def _decimal(told: Known, name: str) -> Decimal | None:
    found = value(told, name)
    return Decimal(found) if found is not None else None
