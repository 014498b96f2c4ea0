"""The growth chart: daily counts as a line, drawn by the server, with the numbers in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from wagtail.admin.ui.components import Component

from wagtail_flows.segments.models import Segment, SegmentCount


DAYS_SHOWN = 180
WIDTH, HEIGHT = 640, 160


@dataclass(frozen=True, slots=True)
class Point:
    counted_on: date
    count: int
    x: float
    y: float


def points(counts: Sequence[SegmentCount]) -> list[Point]:
    """Where each day stands in a box of WIDTH × HEIGHT, the count growing upward from nought."""
    if not counts:
        return []
    first, last = counts[0].counted_on, counts[-1].counted_on
    days, most = max((last - first).days, 1), max(max(count.count for count in counts), 1)
    return [
        Point(
            one.counted_on,
            one.count,
            round(WIDTH * (one.counted_on - first).days / days, 1),
            round(HEIGHT * (1 - one.count / most), 1),
        )
        for one in counts
    ]


class GrowthChart(Component):
    class Media:
        css = {"all": ["wagtail_flows/css/segments.css"]}

    template_name = "wagtail_flows/segments/growth.html"

    def __init__(self, counts: Sequence[SegmentCount]) -> None:
        self.points = points(counts)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {
            "points": self.points,
            "newest_first": self.points[::-1],
            "line": " ".join(f"{point.x},{point.y}" for point in self.points),
            "first": self.points[0],
            "last": self.points[-1],
            "most": max(point.count for point in self.points),
            "width": WIDTH,
            "height": HEIGHT,
        }


def chart_of(segment: Segment) -> GrowthChart | None:
    """The chart of the last months; None before there are two days to compare."""
    latest = segment.counts.order_by("-counted_on").values_list("counted_on", flat=True).first()
    if latest is None:
        return None
    shown = segment.counts.filter(counted_on__gt=latest - timedelta(days=DAYS_SHOWN)).order_by("counted_on")
    counts = list(shown)
    return GrowthChart(counts) if len(counts) > 1 else None
