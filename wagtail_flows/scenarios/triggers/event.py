"""Trigger: an event of one kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.already import Already, HadEvent
from wagtail_flows.scenarios.filters import (
    Where,
    matches_where,
    read_where,
    where_references,
    with_filter,
    write_where,
)
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import read_reentry, with_reentry, write_reentry
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import EventSnapshot
from wagtail_flows.scenarios.trigger import Trigger


@dataclass(frozen=True, kw_only=True)
class EventTrigger(Trigger):
    """`where`: what the event's data must say."""

    kind: ClassVar[str] = "event"
    label: ClassVar[Any] = gettext_lazy("Something happened")

    event: str
    where: Where = ()

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        return cls(
            id=id, event=fields.text("event", max_length=64), reentry=read_reentry(fields), where=read_where(fields)
        )

    def write(self) -> dict[str, Any]:
        return {"event": self.event, "reentry": write_reentry(self.reentry), **write_where(self.where)}

    def event_kinds(self) -> frozenset[str]:
        return frozenset({self.event})

    def matches(self, event: EventSnapshot) -> bool:
        return event.kind == self.event and matches_where(self.where, event.data)

    def already(self) -> Already:
        return HadEvent()

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "event", Target.EVENT_KIND, self.event)
        yield from where_references(self.where, self.id)

    def sentence(self, names: References) -> str:
        told = _("When “%(event)s” happens") % {"event": names.name_of(Target.EVENT_KIND, self.event)}
        return with_reentry(with_filter(told, self.where, names), self.reentry)
