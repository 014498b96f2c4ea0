"""Wait for the contact's usual hour: the one at which they most often open or click, if it comes in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Self

from django.utils.translation import gettext_lazy, ngettext

from wagtail_flows.scenarios.date_fields import read_clock, write_clock
from wagtail_flows.scenarios.lateness import LATE, NEVER_TOO_LATE, Lateness
from wagtail_flows.scenarios.outcomes import Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Question, Situation
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.usual_hours import next_usual_hour
from wagtail_flows.scenarios.windows import Window, next_in_window


USUAL_HOURS = "usual_hours"
MOST_HOURS = 72


@dataclass(frozen=True, kw_only=True)
class WaitUsualHour(Step):
    """At most `within_hours`: among the hours that come until then the most usual one is taken. Of whom no hour is
    known that comes in time: `otherwise`, if that comes in time, else at once. What is chosen at the first look holds,
    whatever else they open while they wait.
    """

    kind: ClassVar[str] = "wait_usual_hour"
    label: ClassVar[Any] = gettext_lazy("Wait for the usual hour")
    is_personal: ClassVar[bool] = False
    optional_outlets: ClassVar[tuple[str, ...]] = (LATE,)
    is_wait: ClassVar[bool] = True
    keeps_moment: ClassVar[bool] = True

    within_hours: int
    otherwise: time | None = None
    lateness: Lateness = NEVER_TOO_LATE

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(
            id=id,
            outlets=outlets,
            within_hours=fields.integer("within_hours", minimum=1, maximum=MOST_HOURS),
            otherwise=read_clock(fields, "otherwise") if fields.has("otherwise") else None,
            lateness=Lateness.read(fields),
        )

    def write(self) -> dict[str, Any]:
        otherwise = write_clock(self.otherwise) if self.otherwise is not None else None
        return {"within_hours": self.within_hours, "otherwise": otherwise, "late": self.lateness.write()}

    def questions(self) -> tuple[Question, ...]:
        return (Question(USUAL_HOURS),)

    def decide(self, situation: Situation) -> Outcome:
        until = situation.kept_until or self._until(situation)
        return self.lateness.outcome(until, situation.now, self.outlets)

    def _until(self, situation: Situation) -> datetime:
        """Counted from coming here, so that who is looked at again after a failure finds the same moment."""
        begins, within = situation.step_entered_at, timedelta(hours=self.within_hours)
        known: Mapping[str, int] = situation.answers.get(USUAL_HOURS) or {}
        found = next_usual_hour(begins, within, {int(hour): times for hour, times in known.items()}, situation.zone)
        if found is not None or self.otherwise is None:
            return found or begins
        fixed = next_in_window(begins, _minute(self.otherwise), situation.zone)
        return fixed if fixed <= begins + within else begins

    def sentence(self, names: References) -> str:
        return self._waiting() + self.lateness.words()

    def _waiting(self) -> str:
        values = {"count": self.within_hours, "time": write_clock(self.otherwise) if self.otherwise is not None else ""}
        if self.otherwise is None:
            text = ngettext(
                "Wait for the contact’s usual hour, at most %(count)d hour",
                "Wait for the contact’s usual hour, at most %(count)d hours",
                self.within_hours,
            )
        else:
            text = ngettext(
                "Wait for the contact’s usual hour, else for %(time)s, at most %(count)d hour",
                "Wait for the contact’s usual hour, else for %(time)s, at most %(count)d hours",
                self.within_hours,
            )
        return text % values


def _minute(clock: time) -> Window:
    """The minute that begins then: who comes in the middle of it needn't wait a day."""
    following = (clock.hour * 60 + clock.minute + 1) % (24 * 60)
    return Window(clock, time(following // 60, following % 60))
