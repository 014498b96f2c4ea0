"""Wait: some minutes, hours or days after coming here, or after the date of the event that started it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_flows.scenarios.dates import days_later
from wagtail_flows.scenarios.outcomes import Continue, Finish, Outcome
from wagtail_flows.scenarios.outcomes import Wait as WaitUntil
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class After(StrEnum):
    """What the time is counted from: coming to this step, or the date of the event that started the enrollment."""

    ENTRY = "entry"
    EVENT = "event"


TEN_YEARS = {Unit.MINUTES: 5_256_000, Unit.HOURS: 87_600, Unit.DAYS: 3_650}
TOO_LATE = "too_late"


@dataclass(frozen=True, kw_only=True)
class Wait(Step):
    """Minutes and hours are exact. Days are calendar days in the situation's zone: the same time of day, whatever
    summer time does.

    `skip_after_hours`: who is looked at more than that many hours after the planned moment (an outage, an event told
    late) goes out by the outlet `late`, or leaves with the reason `too_late` where none is wired. None: goes on however
    late.
    """

    kind: ClassVar[str] = "wait"
    label: ClassVar[Any] = gettext_lazy("Wait")
    optional_outlets: ClassVar[tuple[str, ...]] = ("late",)

    amount: int
    unit: Unit
    after: After = After.ENTRY
    skip_after_hours: int | None = None

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        unit = Unit(fields.choice("unit", list(Unit)))
        return cls(
            id=id,
            outlets=outlets,
            amount=fields.integer("amount", minimum=1, maximum=TEN_YEARS[unit]),
            unit=unit,
            after=After(fields.choice("after", list(After), default=After.ENTRY)),
            skip_after_hours=_read_late(fields),
        )

    def write(self) -> dict[str, Any]:
        late = None if self.skip_after_hours is None else {"skip_after_hours": self.skip_after_hours}
        return {"amount": self.amount, "unit": self.unit.value, "after": self.after.value, "late": late}

    def decide(self, situation: Situation) -> Outcome:
        until = self.until(situation)
        if situation.now < until:
            return WaitUntil(until, self.late)
        if self.late is None or situation.now - until <= self.late:
            return Continue("next")
        return Continue("late") if "late" in self.outlets else Finish(TOO_LATE, situation.now)

    @property
    def passes_time(self) -> bool:
        """Not where it counts from the event: that moment passes once, and is over the next time round."""
        return self.after is After.ENTRY

    @property
    def late(self) -> timedelta | None:
        return None if self.skip_after_hours is None else timedelta(hours=self.skip_after_hours)

    def until(self, situation: Situation) -> datetime:
        """The planned moment, in UTC. Where the event is no longer known, the entry into the scenario stands for it."""
        since = self._counted_from(situation)
        match self.unit:
            case Unit.MINUTES:
                return since.astimezone(UTC) + timedelta(minutes=self.amount)
            case Unit.HOURS:
                return since.astimezone(UTC) + timedelta(hours=self.amount)
            case Unit.DAYS:
                return days_later(since, self.amount, situation.zone)
            case _:
                assert_never(self.unit)

    def _counted_from(self, situation: Situation) -> datetime:
        match self.after:
            case After.ENTRY:
                return situation.step_entered_at
            case After.EVENT:
                return situation.event.occurred_at if situation.event else situation.entered_at
            case _:
                assert_never(self.after)

    def sentence(self, names: References) -> str:
        return self._waiting() + self._lateness()

    def _waiting(self) -> str:
        match self.after:
            case After.ENTRY:
                return _("Wait %(duration)s") % {"duration": self._duration()}
            case After.EVENT:
                return _("Wait until %(duration)s after the date of the event") % {"duration": self._duration()}
            case _:
                assert_never(self.after)

    def _lateness(self) -> str:
        if self.skip_after_hours is None:
            return ""
        text = ngettext(
            "; who is more than %(count)d hour late doesn’t go on",
            "; who is more than %(count)d hours late doesn’t go on",
            self.skip_after_hours,
        )
        return text % {"count": self.skip_after_hours}

    def _duration(self) -> str:
        match self.unit:
            case Unit.MINUTES:
                text = ngettext("%(count)d minute", "%(count)d minutes", self.amount)
            case Unit.HOURS:
                text = ngettext("%(count)d hour", "%(count)d hours", self.amount)
            case Unit.DAYS:
                text = ngettext("%(count)d day", "%(count)d days", self.amount)
            case _:
                assert_never(self.unit)
        return text % {"count": self.amount}


def _read_late(fields: Reader) -> int | None:
    late = fields.part("late")
    if late is None:
        return None
    hours = late.integer("skip_after_hours", minimum=1, maximum=TEN_YEARS[Unit.HOURS])
    late.close()
    return hours
