"""Wait until a day, at a time of the day on the contact's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.date_fields import read_clock, read_date, write_clock
from wagtail_flows.scenarios.dates import at_clock, days_from
from wagtail_flows.scenarios.lateness import LATE, NEVER_TOO_LATE, Lateness
from wagtail_flows.scenarios.outcomes import Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


@dataclass(frozen=True, kw_only=True)
class WaitUntilDate(Step):
    """Who comes after that moment goes on at once, as far as `lateness` lets them."""

    kind: ClassVar[str] = "wait_until_date"
    label: ClassVar[Any] = gettext_lazy("Wait until a date")
    is_personal: ClassVar[bool] = False
    optional_outlets: ClassVar[tuple[str, ...]] = (LATE,)
    is_wait: ClassVar[bool] = True

    day: date
    at: time
    lateness: Lateness = NEVER_TOO_LATE

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        day, at = read_date(fields, "date"), read_clock(fields, "at")
        return cls(id=id, outlets=outlets, day=day, at=at, lateness=Lateness.read(fields))

    def write(self) -> dict[str, Any]:
        return {"date": self.day.isoformat(), "at": write_clock(self.at), "late": self.lateness.write()}

    def decide(self, situation: Situation) -> Outcome:
        until = situation.kept_until or at_clock(days_from(self.day, 0), self.at, situation.zone)
        return self.lateness.outcome(until, situation.now, self.outlets)

    def sentence(self, names: References) -> str:
        values = {"date": self.day.isoformat(), "time": write_clock(self.at)}
        return _("Wait until %(date)s, %(time)s") % values + self.lateness.words()
