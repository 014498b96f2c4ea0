"""Wait: some minutes, hours or days after coming here, or after the date of the event that started it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.durations import Duration
from wagtail_flows.scenarios.lateness import LATE, NEVER_TOO_LATE, Lateness
from wagtail_flows.scenarios.outcomes import Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


class After(StrEnum):
    """What the time is counted from: coming to this step, or the date of the event that started the enrollment."""

    ENTRY = "entry"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class Wait(Step):
    """Days are calendar days in the situation's zone."""

    kind: ClassVar[str] = "wait"
    label: ClassVar[Any] = gettext_lazy("Wait")
    is_personal: ClassVar[bool] = False
    optional_outlets: ClassVar[tuple[str, ...]] = (LATE,)
    is_wait: ClassVar[bool] = True

    duration: Duration
    after: After = After.ENTRY
    lateness: Lateness = NEVER_TOO_LATE

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(
            id=id,
            outlets=outlets,
            duration=Duration.read(fields),
            after=After(fields.choice("after", list(After), default=After.ENTRY)),
            lateness=Lateness.read(fields),
        )

    def write(self) -> dict[str, Any]:
        return {**self.duration.write(), "after": self.after.value, "late": self.lateness.write()}

    def decide(self, situation: Situation) -> Outcome:
        until = situation.kept_until or self.until(situation)
        return self.lateness.outcome(until, situation.now, self.outlets)

    @property
    def passes_time(self) -> bool:
        """Not where it counts from the event: that moment passes once, and is over the next time round."""
        return self.after is After.ENTRY

    @property
    def asks_the_event(self) -> bool:
        return self.after is After.EVENT

    def until(self, situation: Situation) -> datetime:
        """The planned moment, in UTC. Where the event is no longer known, the entry into the scenario stands for it."""
        return self.duration.after(self._counted_from(situation), situation.zone)

    def _counted_from(self, situation: Situation) -> datetime:
        match self.after:
            case After.ENTRY:
                return situation.step_entered_at
            case After.EVENT:
                return situation.event.occurred_at if situation.event else situation.entered_at
            case _:
                assert_never(self.after)

    def sentence(self, names: References) -> str:
        return self._waiting() + self.lateness.words()

    def _waiting(self) -> str:
        match self.after:
            case After.ENTRY:
                return _("Wait %(duration)s") % {"duration": self.duration.words()}
            case After.EVENT:
                return _("Wait until %(duration)s after the date of the event") % {"duration": self.duration.words()}
            case _:
                assert_never(self.after)
