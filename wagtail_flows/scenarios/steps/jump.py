"""Jump to another step, before or after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.outcomes import Continue, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


@dataclass(frozen=True, kw_only=True)
class Jump(Step):
    """Its outlet is where it leads, so every rule about paths and loops holds for it as for any other step."""

    kind: ClassVar[str] = "jump"
    label: ClassVar[Any] = gettext_lazy("Jump to a step")
    is_personal: ClassVar[bool] = False

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(id=id, outlets=outlets)

    def write(self) -> dict[str, Any]:
        return {}

    def decide(self, situation: Situation) -> Outcome:
        return Continue("next")

    def sentence(self, names: References) -> str:
        return _("Jump to step %(id)s") % {"id": self.outlets.get("next", "…")}
