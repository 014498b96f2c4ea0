"""What a site allows: read from its own settings, else from those of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from wagtail_flows.conf import conf
from wagtail_flows.engine.frequency import Cap
from wagtail_flows.messages.models import Delivery, SendingLimits, Stream
from wagtail_flows.scenarios.windows import Window


@dataclass(frozen=True, slots=True)
class Limits:
    """`caps` by stream; `open_hours`: when commercial mail may leave (None: at any hour); `hold`: for how long after it
    was queued an e-mail may be held back, where its step doesn't say.
    """

    caps: Mapping[str, Cap] = field(default_factory=dict)
    open_hours: Window | None = None
    hold: timedelta = timedelta(hours=72)

    def cap(self, delivery: Delivery) -> Cap:
        """The cap that this delivery falls under; an empty one where there is none."""
        return self.caps.get(delivery.stream, Cap())

    def last_moment(self, delivery: Delivery) -> datetime:
        """Until when a delivery may be held back."""
        return delivery.too_late_at or delivery.queued_at + self.hold


def limits_of(deliveries: Sequence[Delivery]) -> dict[int, Limits]:
    """The limits of each, by primary key: of the site of its list, else of the default site. One query, none for
    deliveries that were asked about before: what is found stays on them, for when each is asked about alone.
    """
    if any(one.site_limits is None for one in deliveries):
        rows = list(SendingLimits.objects.select_related("site"))
        by_site = {row.site_id: _merged(row) for row in rows}
        default = next((by_site[row.site_id] for row in rows if row.site.is_default_site), _merged(None))
        for one in deliveries:
            one.site_limits = by_site.get(_site_of(one) or 0, default) if by_site else default
    return {one.pk: one.site_limits for one in deliveries}


def _site_of(delivery: Delivery) -> int | None:
    return delivery.mailing_list.site_id if delivery.mailing_list else None


def _merged(row: SendingLimits | None) -> Limits:
    caps = {stream: Cap(**amounts) for stream, amounts in conf.FREQUENCY_CAPS.items()}
    own = caps.get(Stream.COMMERCIAL, Cap())
    hours, hold = conf.QUIET_HOURS, conf.HOLD_HOURS
    quiet = quiet_hours(hours) if hours else None
    if row is not None:
        caps[Stream.COMMERCIAL] = Cap(row.most_a_day or own.a_day, row.most_a_week or own.a_week)
        if row.quiet_from is not None and row.quiet_until is not None:
            quiet = row.quiet_from, row.quiet_until
        hold = row.hold_hours or hold
    return Limits(caps, _open_hours(quiet), timedelta(hours=hold))


def _open_hours(quiet: tuple[time, time] | None) -> Window | None:
    """Equal times leave no quiet hours, and none that are open either: nobody means that."""
    if quiet is None or quiet[0] == quiet[1]:
        return None
    return Window(start=quiet[1], end=quiet[0])


def quiet_hours(text: str) -> tuple[time, time]:
    """“21:00-08:00” as its two times. Raises ValueError for anything else."""
    begin, _dash, end = text.partition("-")
    return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
