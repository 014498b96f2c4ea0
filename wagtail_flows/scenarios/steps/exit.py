"""Exit: the end of a path, with its reason and whether the contact may come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_flows.scenarios.dates import days_later
from wagtail_flows.scenarios.outcomes import Finish, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


@dataclass(frozen=True)
class Never:
    """The contact doesn't enter this scenario again."""


@dataclass(frozen=True)
class AtOnce:
    """The contact may enter again at once, as far as the trigger's re-entry rule lets them."""


@dataclass(frozen=True)
class AfterDays:
    """The contact may enter again after so many calendar days."""

    days: int


Reenter = Never | AtOnce | AfterDays
MAX_DAYS = 3_650


@dataclass(frozen=True, kw_only=True)
class Exit(Step):
    kind: ClassVar[str] = "exit"
    label: ClassVar[Any] = gettext_lazy("Exit")
    is_personal: ClassVar[bool] = False
    required_outlets: ClassVar[tuple[str, ...]] = ()

    reason: str = "done"
    reenter: Reenter = AtOnce()

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        reason = fields.text("reason", default="done", max_length=64)
        return cls(id=id, outlets=outlets, reason=reason, reenter=_read_reenter(fields))

    def write(self) -> dict[str, Any]:
        return {"reason": self.reason, "reenter": _write_reenter(self.reenter)}

    def decide(self, situation: Situation) -> Outcome:
        return Finish(self.reason, self._reenter_after(situation))

    def _reenter_after(self, situation: Situation) -> datetime | None:
        match self.reenter:
            case Never():
                return None
            case AtOnce():
                return situation.now
            case AfterDays(days):
                return days_later(situation.now, days, situation.zone)
            case _:
                assert_never(self.reenter)

    def sentence(self, names: References) -> str:
        values = {"reason": self.reason}
        match self.reenter:
            case Never():
                return _("Leave (%(reason)s), never to come back") % values
            case AtOnce():
                return _("Leave (%(reason)s)") % values
            case AfterDays(days):
                text = ngettext(
                    "Leave (%(reason)s); may come back after %(days)d day",
                    "Leave (%(reason)s); may come back after %(days)d days",
                    days,
                )
                return text % {"reason": self.reason, "days": days}
            case _:
                assert_never(self.reenter)


def _read_reenter(fields: Reader) -> Reenter:
    if isinstance(fields.data.get("reenter"), Mapping):
        part = fields.part("reenter")
        if part is None:
            return AtOnce()
        after = AfterDays(part.integer("after_days", minimum=1, maximum=MAX_DAYS))
        part.close()
        return after
    named = fields.choice("reenter", ["never", "at_once", '{"after_days": …}'], default="at_once")
    return Never() if named == "never" else AtOnce()


def _write_reenter(reenter: Reenter) -> str | dict[str, int]:
    match reenter:
        case Never():
            return "never"
        case AtOnce():
            return "at_once"
        case AfterDays(days):
            return {"after_days": days}
        case _:
            assert_never(reenter)
