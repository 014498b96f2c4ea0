"""Wait until the next window of hours and weekdays, on the contact's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.date_fields import WEEKDAYS, read_clock, read_weekdays, write_clock
from wagtail_flows.scenarios.lateness import LATE, NEVER_TOO_LATE, Lateness
from wagtail_flows.scenarios.outcomes import Continue, Outcome, Wait
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.windows import EVERY_DAY, Window, next_in_window


@dataclass(frozen=True, kw_only=True)
class WaitUntilWindow(Step):
    """Who comes within the window goes on at once; who is looked at after it has closed again waits for the next.

    Late is who can't go on within so many hours of the first moment in the window after coming here: so nobody waits
    for a window that is too late.
    """

    kind: ClassVar[str] = "wait_until_window"
    label: ClassVar[Any] = gettext_lazy("Wait until a time of the day")
    is_personal: ClassVar[bool] = False
    optional_outlets: ClassVar[tuple[str, ...]] = (LATE,)
    is_wait: ClassVar[bool] = True

    window: Window
    lateness: Lateness = NEVER_TOO_LATE

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        start, end = read_clock(fields, "from"), read_clock(fields, "to")
        window = Window(start, end, read_weekdays(fields, "weekdays"))
        return cls(id=id, outlets=outlets, window=window, lateness=Lateness.read(fields))

    def write(self) -> dict[str, Any]:
        weekdays = {} if self.window.weekdays == EVERY_DAY else {"weekdays": sorted(self.window.weekdays)}
        late = self.lateness.write()
        # Said only where there is a limit: graphs that were published before there could be one stay equal.
        limited = {} if late is None else {"late": late}
        return {"from": write_clock(self.window.start), "to": write_clock(self.window.end), **weekdays, **limited}

    def decide(self, situation: Situation) -> Outcome:
        now, zone = situation.now, situation.zone
        opens = next_in_window(now, self.window, zone)
        first = next_in_window(situation.kept_until or situation.step_entered_at, self.window, zone)
        if self.lateness.is_over(first, opens):
            return self.lateness.gone(now, self.outlets)
        return Wait(opens, self.lateness.limit) if opens > now else Continue("next")

    def sentence(self, names: References) -> str:
        values = {"start": write_clock(self.window.start), "end": write_clock(self.window.end)}
        if self.window.weekdays == EVERY_DAY:
            return _("Wait until it is between %(start)s and %(end)s") % values + self.lateness.words()
        days = ", ".join(str(WEEKDAYS[day]) for day in sorted(self.window.weekdays))
        waiting = _("Wait until it is between %(start)s and %(end)s on %(days)s") % {**values, "days": days}
        return waiting + self.lateness.words()
