"""Trigger: coming into a segment. Who is in it when the scenario is published hasn't come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.already import Already, InSegment
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import Often, read_reentry, with_reentry, write_reentry
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.trigger import Trigger


@dataclass(frozen=True, kw_only=True)
class SegmentTrigger(Trigger):
    """`segment`: a public id. Swept: nothing tells that somebody came in, so it is asked from time to time."""

    kind: ClassVar[str] = "segment_entered"
    label: ClassVar[Any] = gettext_lazy("Came into a segment")

    segment: str

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        return cls(id=id, segment=fields.key("segment"), reentry=read_reentry(fields, default=Often.ONCE))

    def write(self) -> dict[str, Any]:
        return {"segment": self.segment, "reentry": write_reentry(self.reentry)}

    def already(self) -> Already:
        return InSegment(self.segment)

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "segment", Target.SEGMENT, self.segment)

    def sentence(self, names: References) -> str:
        told = _("When somebody comes into the segment “%(segment)s”")
        return with_reentry(told % {"segment": names.name_of(Target.SEGMENT, self.segment)}, self.reentry)
