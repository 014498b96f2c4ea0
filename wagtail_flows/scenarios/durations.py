"""Durations as people say them: 90 minutes, 4 hours, 3 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import assert_never

from django.utils.translation import ngettext

from wagtail_flows.scenarios.dates import days_later
from wagtail_flows.scenarios.reading import Reader


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


TEN_YEARS = {Unit.MINUTES: 5_256_000, Unit.HOURS: 87_600, Unit.DAYS: 3_650}


@dataclass(frozen=True)
class Duration:
    """Minutes and hours are exact. Days are calendar days: the same time of day, whatever summer time does."""

    amount: int
    unit: Unit

    @classmethod
    def read(cls, fields: Reader) -> Duration:
        unit = Unit(fields.choice("unit", list(Unit)))
        return cls(fields.integer("amount", minimum=1, maximum=TEN_YEARS[unit]), unit)

    def write(self) -> dict[str, int | str]:
        return {"amount": self.amount, "unit": self.unit.value}

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The moment (aware) so much later, in UTC; days are those of `zone`."""
        match self.unit:
            case Unit.MINUTES:
                return moment.astimezone(UTC) + timedelta(minutes=self.amount)
            case Unit.HOURS:
                return moment.astimezone(UTC) + timedelta(hours=self.amount)
            case Unit.DAYS:
                return days_later(moment, self.amount, zone)
            case _:
                assert_never(self.unit)

    def words(self) -> str:
        """The duration in translated words."""
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
