"""The dates of an order and its parcels, computed from what is known about them. Pure: same knowledge, same dates.

A real date beats an undated message, which counts as the time of the message, and that beats an estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wagtail_flows.shop.claims import FULFILMENTS_LISTED, LINES_LISTED, SEEN
from wagtail_flows.shop.facts import Status
from wagtail_flows.shop.merging import Known, moment, said_at, value


ARRIVED_BY_ESTIMATE = "arrived_by_estimate"
# Parcels that would have arrived so long before the days in transit were said are estimated yet.
LOOKS_BACK = timedelta(days=7)
NOTHING_LEFT = frozenset({Status.FULFILLED, "returned"})


@dataclass(frozen=True)
class ParcelDates:
    """One parcel. `estimated_at` is set only while an estimate is what we wait for."""

    is_live: bool
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    is_estimated: bool = False
    estimated_at: datetime | None = None


@dataclass(frozen=True)
class OrderDates:
    placed_at: datetime | None
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    is_delivery_estimated: bool
    cancelled_at: datetime | None
    refunded_at: datetime | None
    fully_refunded_at: datetime | None


def is_listed(order: Known, list_field: str, row: Known) -> bool:
    """Whether this line or parcel is still part of the order: it was told since, or in, the newest complete list."""
    listed, seen = said_at(order, list_field), said_at(row, SEEN)
    return listed is None or (seen is not None and seen >= listed)


@dataclass(frozen=True)
class Transit:
    """How long parcels of a shop travel, and since when that is known (aware; None: it always was)."""

    days: int
    since: datetime | None = None

    def arrives_at(self, shipped_at: datetime) -> datetime | None:
        """When a parcel counts as delivered. None for one that would have arrived long before anybody said how long
        parcels travel: else all that a shop ever sent would arrive at that moment.
        """
        arrives_at = shipped_at + timedelta(days=self.days)
        is_too_old = self.since is not None and arrives_at < self.since - LOOKS_BACK
        return None if is_too_old else arrives_at


def parcel_dates(order: Known, parcel: Known, transit: Transit | None) -> ParcelDates:
    """The dates of one parcel; one that was cancelled or removed has only been shipped, perhaps."""
    is_live = is_listed(order, FULFILMENTS_LISTED, parcel) and value(parcel, "status") != Status.CANCELLED
    shipped_at = _shipped_at(parcel)
    if not is_live:
        return ParcelDates(is_live=False, shipped_at=shipped_at)
    real = _really_delivered_at(order, parcel, shipped_at)
    arrived = moment(parcel, ARRIVED_BY_ESTIMATE)
    if real or arrived:
        return ParcelDates(True, shipped_at, real or arrived, is_estimated=real is None)
    if shipped_at is None or transit is None:
        return ParcelDates(True, shipped_at)
    return ParcelDates(True, shipped_at, estimated_at=transit.arrives_at(shipped_at))


def order_dates(order: Known, lines: Sequence[Known], parcels: Sequence[ParcelDates]) -> OrderDates:
    """The dates of the order: `lines` all that were ever told, `parcels` likewise."""
    live = [parcel for parcel in parcels if parcel.is_live]
    shipped = [parcel.shipped_at for parcel in parcels if parcel.shipped_at]
    delivered_at = _delivered_at(order, lines, live)
    return OrderDates(
        placed_at=_placed_at(order),
        paid_at=moment(order, "paid"),
        shipped_at=min(shipped, default=None),
        delivered_at=delivered_at,
        is_delivery_estimated=delivered_at is not None and any(parcel.is_estimated for parcel in live),
        cancelled_at=moment(order, "cancelled"),
        refunded_at=min(
            filter(None, (moment(order, "partly_refunded"), moment(order, "fully_refunded"))), default=None
        ),
        fully_refunded_at=moment(order, "fully_refunded"),
    )


def _placed_at(order: Known) -> datetime | None:
    """When it was made; but a draft of the staff counts from when it was first told as a real order."""
    placed = moment(order, "placed")
    if placed is None or value(order, "origin") == Status.DRAFT:
        return placed
    return moment(order, "created_at") or placed


def _shipped_at(parcel: Known) -> datetime | None:
    """When it was made; but one that had to be approved first counts from when it was first told as approved."""
    shipped = moment(parcel, "shipped")
    if shipped is None or "waited" in parcel:
        return shipped
    return moment(parcel, "created_at") or shipped


def _really_delivered_at(order: Known, parcel: Known, shipped_at: datetime | None) -> datetime | None:
    """By the parcel itself or by the order, whose word holds for the parcels that had left when it was first given."""
    by_order = moment(order, "delivered")
    holds = by_order is not None and shipped_at is not None and shipped_at <= by_order
    dated = moment(parcel, "delivered_on") or (moment(order, "delivered_on") if holds else None)
    undated = [told for told in (moment(parcel, "delivered"), by_order if holds else None) if told]
    return dated or min(undated, default=None)


def _delivered_at(order: Known, lines: Sequence[Known], live: Sequence[ParcelDates]) -> datetime | None:
    """When the last live parcel arrived, once nothing is left to be shipped."""
    by_order = moment(order, "delivered")
    left = _is_anything_left(order, lines)
    if left or (left is None and by_order is None):
        return None
    if not live:
        return by_order and (moment(order, "delivered_on") or by_order)
    arrived = [parcel.delivered_at for parcel in live if parcel.delivered_at]
    return max(arrived) if len(arrived) == len(live) else None


def _is_anything_left(order: Known, lines: Sequence[Known]) -> bool | None:
    """Whether a line waits to be shipped; None where neither the state nor the lines tell."""
    status = value(order, "status")
    if status in NOTHING_LEFT:
        return False
    counts = [
        (value(line, "quantity"), value(line, "quantity_settled"))
        for line in lines
        if is_listed(order, LINES_LISTED, line)
    ]
    if counts and all(None not in pair for pair in counts):
        return any(settled < ordered for ordered, settled in counts)
    return None if status is None else True
