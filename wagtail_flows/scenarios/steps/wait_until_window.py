"""Wait until the next window of hours and weekdays, on the contact's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.date_fields import WEEKDAYS, read_clock, read_weekdays, write_clock
from wagtail_flows.scenarios.outcomes import Continue, Outcome, Wait
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.windows import EVERY_DAY, Window, next_in_window


@dataclass(frozen=True, kw_only=True)
class WaitUntilWindow(Step):
    """Who comes within the window goes on at once; who is looked at after it has closed again waits for the next."""

    kind: ClassVar[str] = "wait_until_window"
    label: ClassVar[Any] = gettext_lazy("Wait until a time of the day")
    is_personal: ClassVar[bool] = False
    is_wait: ClassVar[bool] = True

    window: Window

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        start, end = read_clock(fields, "from"), read_clock(fields, "to")
        return cls(id=id, outlets=outlets, window=Window(start, end, read_weekdays(fields, "weekdays")))

    def write(self) -> dict[str, Any]:
        weekdays = {} if self.window.weekdays == EVERY_DAY else {"weekdays": sorted(self.window.weekdays)}
        return {"from": write_clock(self.window.start), "to": write_clock(self.window.end), **weekdays}

    def decide(self, situation: Situation) -> Outcome:
        opens = next_in_window(situation.now, self.window, situation.zone)
        return Wait(opens) if opens > situation.now else Continue("next")

    def sentence(self, names: References) -> str:
        values = {"start": write_clock(self.window.start), "end": write_clock(self.window.end)}
        if self.window.weekdays == EVERY_DAY:
            return _("Wait until it is between %(start)s and %(end)s") % values
        days = ", ".join(str(WEEKDAYS[day]) for day in sorted(self.window.weekdays))
        return _("Wait until it is between %(start)s and %(end)s on %(days)s") % {**values, "days": days}
