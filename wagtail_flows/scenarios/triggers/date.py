"""Trigger: a date that is known about the contact, or some days before or after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_flows.scenarios.already import Already, OnItsDay
from wagtail_flows.scenarios.date_fields import read_clock, write_clock
from wagtail_flows.scenarios.dates import at_clock
from wagtail_flows.scenarios.occurrences import Repeat, name_of
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import Often, Reentry
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.trigger import Trigger


MOST_DAYS = 366
MORNING = time(9)


@dataclass(frozen=True, kw_only=True)
class DateTrigger(Trigger):
    """`days` after the date in the property `name`, or before it where negative, when the contact's clock shows `at`.

    Each time it comes round lets a contact in once: that is its re-entry rule.
    """

    kind: ClassVar[str] = "date"
    label: ClassVar[Any] = gettext_lazy("Date of the contact")

    name: str
    days: int = 0
    at: time = MORNING
    repeat: Repeat = Repeat.ONCE
    # Not to be chosen: `repeat` says what an occasion is, and each of them lets a contact in.
    reentry: Reentry = field(default=Often.EVERY_TIME, init=False)

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        return cls(
            id=id,
            name=fields.text("property", max_length=64),
            days=fields.integer("days", minimum=-MOST_DAYS, maximum=MOST_DAYS) if fields.has("days") else 0,
            at=read_clock(fields, "at") if fields.has("at") else MORNING,
            repeat=Repeat(fields.choice("repeat", list(Repeat))),
        )

    def write(self) -> dict[str, Any]:
        return {"property": self.name, "days": self.days, "at": write_clock(self.at), "repeat": self.repeat.value}

    def last_day(self, now: datetime, zone: tzinfo) -> date:
        """The last day, in this zone, whose moment has come by `now`."""
        today = now.astimezone(zone).date()
        # Three, since a zone may have left out a day: its moment comes with that of the day after.
        days = (today - timedelta(days=number) for number in range(3))
        return next(day for day in days if at_clock(day, self.at, zone) <= now)

    def date_of(self, day: date) -> date:
        """What must come round for `day` to be the day: the birthday itself, if this is three days before it."""
        return day - timedelta(days=self.days)

    def occasion(self, day: date) -> str:
        """The name of the time that comes round, with the property's: two dates of a contact don't exclude each
        other, two triggers that count from the same date do.
        """
        return f"{self.name}:{name_of(self.date_of(day), self.repeat)}"

    def already(self) -> Already:
        return OnItsDay()

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "property", Target.PROPERTY, self.name, type="date")

    def sentence(self, names: References) -> str:
        values = {
            "count": abs(self.days),
            "property": names.name_of(Target.PROPERTY, self.name),
            "time": write_clock(self.at),
            "repeat": self._repeat_words(),
        }
        if self.days == 0:
            return _("On the date in “%(property)s”, %(time)s, %(repeat)s") % values
        if self.days < 0:
            text = ngettext(
                "%(count)d day before the date in “%(property)s”, %(time)s, %(repeat)s",
                "%(count)d days before the date in “%(property)s”, %(time)s, %(repeat)s",
                abs(self.days),
            )
        else:
            text = ngettext(
                "%(count)d day after the date in “%(property)s”, %(time)s, %(repeat)s",
                "%(count)d days after the date in “%(property)s”, %(time)s, %(repeat)s",
                self.days,
            )
        return text % values

    def _repeat_words(self) -> str:
        words = {Repeat.ONCE: _("once"), Repeat.YEARLY: _("every year"), Repeat.MONTHLY: _("every month")}
        return words[self.repeat]
