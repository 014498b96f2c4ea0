"""Trigger: an event of one kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.reading import Reader, Where, matches_where
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import EventSnapshot
from wagtail_flows.scenarios.trigger import Trigger


class Reentry(StrEnum):
    """How often one contact may enter: once ever, once for each subject (an order, a list), or at every event."""

    ONCE = "once"
    ONCE_PER_SUBJECT = "once_per_subject"
    EVERY_TIME = "every_time"


@dataclass(frozen=True, kw_only=True)
class EventTrigger(Trigger):
    """`where`: fields of the event's data and what they must equal."""

    kind: ClassVar[str] = "event"
    label: ClassVar[Any] = gettext_lazy("Something happened")

    event: str
    reentry: Reentry
    where: Where = ()

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        return cls(
            id=id,
            event=fields.text("event", max_length=64),
            reentry=Reentry(fields.choice("reentry", list(Reentry))),
            where=fields.where(),
        )

    def write(self) -> dict[str, Any]:
        where = {"where": dict(self.where)} if self.where else {}
        return {"event": self.event, "reentry": self.reentry.value, **where}

    def event_kinds(self) -> frozenset[str]:
        return frozenset({self.event})

    def matches(self, event: EventSnapshot) -> bool:
        return event.kind == self.event and matches_where(self.where, event.data)

    def entry_key(self, event: EventSnapshot) -> str:
        """Events about nothing in particular count as about one and the same subject."""
        match self.reentry:
            case Reentry.ONCE:
                return "once"
            case Reentry.ONCE_PER_SUBJECT:
                return event.subject or "once"
            case Reentry.EVERY_TIME:
                return f"event:{event.id}"
            case _:
                assert_never(self.reentry)

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "event", Target.EVENT_KIND, self.event)
        for name, value in self.where:
            if name == "list" and isinstance(value, str):
                yield Reference(self.id, "where.list", Target.MAILING_LIST, value)

    def sentence(self, names: References) -> str:
        values = {"event": names.name_of(Target.EVENT_KIND, self.event)}
        match self.reentry:
            case Reentry.ONCE:
                return _("When “%(event)s” happens, the first time only") % values
            case Reentry.ONCE_PER_SUBJECT:
                return _("When “%(event)s” happens, once for each subject") % values
            case Reentry.EVERY_TIME:
                return _("When “%(event)s” happens, every time") % values
            case _:
                assert_never(self.reentry)
