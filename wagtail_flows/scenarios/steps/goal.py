"""Goal: what the scenario is for has been reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.outcomes import Continue, Finish, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


GOAL = "goal"


@dataclass(frozen=True, kw_only=True)
class Goal(Step):
    """`ends`: whoever comes here leaves with the reason `goal`; the trigger's rule alone decides about coming back.
    Else the visit is kept as reaching it, and they go on.
    """

    kind: ClassVar[str] = GOAL
    label: ClassVar[Any] = gettext_lazy("Goal")
    is_personal: ClassVar[bool] = False

    name: str
    ends: bool

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(id=id, outlets=outlets, name=fields.text("name"), ends=fields.flag("ends"))

    def write(self) -> dict[str, Any]:
        return {"name": self.name, "ends": self.ends}

    def must_lead(self) -> tuple[str, ...]:
        return () if self.ends else ("next",)

    def decide(self, situation: Situation) -> Outcome:
        return Finish(GOAL, situation.now) if self.ends else Continue("next", {"goal": self.name})

    def sentence(self, names: References) -> str:
        values = {"name": self.name}
        return _("Goal reached: %(name)s; leave") % values if self.ends else _("Goal reached: %(name)s") % values
