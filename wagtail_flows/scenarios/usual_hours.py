"""When somebody's usual hour comes next, on the clock of their zone. Pure; right also when clocks are changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo

from wagtail_flows.scenarios.windows import Window, next_in_window


def next_usual_hour(
    moment: datetime, within: timedelta, times_by_hour: Mapping[int, int], zone: tzinfo
) -> datetime | None:
    """The moment, in UTC, at which the most usual of the hours comes that lie within this time of `moment` (aware);
    `moment` itself where it is in that hour. Of equally usual ones the first to come counts. None where none of them
    comes in time, or none is known.

    `times_by_hour`: how often which hour of the day (0 to 23) was used. An hour that the clock skips in spring doesn't
    come that day; of one that comes twice in autumn the first is meant, unless the second has begun.
    """
    moment = moment.astimezone(UTC)
    coming = [(-times, next_in_window(moment, _hour(hour), zone)) for hour, times in times_by_hour.items() if times > 0]
    in_time = [(rank, comes) for rank, comes in coming if comes <= moment + within]
    return min(in_time)[1] if in_time else None


def _hour(hour: int) -> Window:
    return Window(time(hour), time((hour + 1) % 24))
