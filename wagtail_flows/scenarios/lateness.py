"""Lateness: what becomes of who is looked at long after the moment they waited for (an outage, a pause, an event told
late).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from wagtail_flows.scenarios.durations import TEN_YEARS, Unit
from wagtail_flows.scenarios.outcomes import Continue, Finish, Outcome, Wait
from wagtail_flows.scenarios.reading import Reader


LATE = "late"
TOO_LATE = "too_late"


@dataclass(frozen=True)
class Lateness:
    """Who is more than `skip_after_hours` late goes out by the outlet `late`, or leaves with the reason `too_late`
    where none is wired. None: goes on however late.
    """

    skip_after_hours: int | None = None

    @classmethod
    def read(cls, fields: Reader) -> Lateness:
        late = fields.part("late")
        if late is None:
            return cls()
        hours = late.integer("skip_after_hours", minimum=1, maximum=TEN_YEARS[Unit.HOURS])
        late.close()
        return cls(hours)

    def write(self) -> dict[str, int] | None:
        return None if self.skip_after_hours is None else {"skip_after_hours": self.skip_after_hours}

    @property
    def limit(self) -> timedelta | None:
        return None if self.skip_after_hours is None else timedelta(hours=self.skip_after_hours)

    def outcome(self, until: datetime, now: datetime, outlets: Mapping[str, str], hangs_on: str = "") -> Outcome:
        """Wait until the moment, or go on, or not any more. `hangs_on`: see `outcomes.Wait`."""
        if now < until:
            return Wait(until, self.limit, hangs_on)
        return self.gone(now, outlets) if self.is_over(until, now) else Continue("next")

    def is_over(self, until: datetime, goes_on_at: datetime) -> bool:
        """Whether going on at this moment is too late for who waited until that one."""
        return self.limit is not None and goes_on_at - until > self.limit

    def gone(self, now: datetime, outlets: Mapping[str, str]) -> Outcome:
        """What becomes of who is too late."""
        return Continue(LATE) if LATE in outlets else Finish(TOO_LATE, now)

    def words(self) -> str:
        """The end of a sentence about waiting; "" where lateness doesn't matter."""
        if self.skip_after_hours is None:
            return ""
        text = ngettext(
            "; who is more than %(count)d hour late doesn’t go on",
            "; who is more than %(count)d hours late doesn’t go on",
            self.skip_after_hours,
        )
        return text % {"count": self.skip_after_hours}


NEVER_TOO_LATE = Lateness()
