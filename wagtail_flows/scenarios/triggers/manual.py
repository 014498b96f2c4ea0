"""Trigger: by hand or by code, for chosen contacts (`engine.starting.start`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import Often, read_reentry, with_reentry, write_reentry
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.trigger import Trigger


@dataclass(frozen=True, kw_only=True)
class ManualTrigger(Trigger):
    """Nothing starts it by itself. Two starts with the same key are one."""

    kind: ClassVar[str] = "manual"
    label: ClassVar[Any] = gettext_lazy("Started by hand")

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        return cls(id=id, reentry=read_reentry(fields, default=Often.EVERY_TIME))

    def write(self) -> dict[str, Any]:
        return {"reentry": write_reentry(self.reentry)}

    def sentence(self, names: References) -> str:
        return with_reentry(_("When somebody starts it by hand, or a program does"), self.reentry)
