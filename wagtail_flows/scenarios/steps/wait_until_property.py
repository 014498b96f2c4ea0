"""Wait until a date that is known about the contact, or some days before or after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_flows.scenarios.date_fields import read_clock, write_clock
from wagtail_flows.scenarios.dates import at_clock, days_from
from wagtail_flows.scenarios.lateness import LATE, NEVER_TOO_LATE, Lateness
from wagtail_flows.scenarios.outcomes import Continue, Finish, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Question, Situation
from wagtail_flows.scenarios.step import Step


PROPERTY_VALUE = "property"
NO_DATE = "no_date"
MOST_DAYS = 3_650


@dataclass(frozen=True, kw_only=True)
class WaitUntilProperty(Step):
    """`days` after the date, or before it where negative, at a time of the day on the contact's clock.

    When the date changes, the moment is computed anew. Who has no date, or loses it, goes out by `no_date`, or leaves
    with that reason where it isn't wired.
    """

    kind: ClassVar[str] = "wait_until_property"
    label: ClassVar[Any] = gettext_lazy("Wait until a date of the contact")
    is_personal: ClassVar[bool] = False
    optional_outlets: ClassVar[tuple[str, ...]] = (LATE, NO_DATE)
    is_wait: ClassVar[bool] = True

    name: str
    days: int
    at: time
    lateness: Lateness = NEVER_TOO_LATE

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(
            id=id,
            outlets=outlets,
            name=fields.text("property", max_length=64),
            days=fields.integer("days", minimum=-MOST_DAYS, maximum=MOST_DAYS),
            at=read_clock(fields, "at"),
            lateness=Lateness.read(fields),
        )

    def write(self) -> dict[str, Any]:
        return {"property": self.name, "days": self.days, "at": write_clock(self.at), "late": self.lateness.write()}

    def questions(self) -> tuple[Question, ...]:
        return (Question(PROPERTY_VALUE, self.name),)

    def decide(self, situation: Situation) -> Outcome:
        known = situation.answers.get(PROPERTY_VALUE)
        if known is None:
            return Continue(NO_DATE) if NO_DATE in self.outlets else Finish(NO_DATE, situation.now)
        planned = at_clock(days_from(date.fromisoformat(known), self.days), self.at, situation.zone)
        until = situation.kept_until or planned
        return self.lateness.outcome(until, situation.now, self.outlets, hangs_on=self.name)

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "property", Target.PROPERTY, self.name, type="date")

    def sentence(self, names: References) -> str:
        return self._waiting(names) + self.lateness.words()

    def _waiting(self, names: References) -> str:
        days = abs(self.days)
        values = {"count": days, "property": names.name_of(Target.PROPERTY, self.name), "time": write_clock(self.at)}
        if self.days == 0:
            return _("Wait until the date in “%(property)s”, %(time)s") % values
        if self.days < 0:
            text = ngettext(
                "Wait until %(count)d day before the date in “%(property)s”, %(time)s",
                "Wait until %(count)d days before the date in “%(property)s”, %(time)s",
                days,
            )
        else:
            text = ngettext(
                "Wait until %(count)d day after the date in “%(property)s”, %(time)s",
                "Wait until %(count)d days after the date in “%(property)s”, %(time)s",
                days,
            )
        return text % values
