"""Exit rules: events that take people out of the scenario, wherever they are inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.filters import (
    Where,
    matches_where,
    read_where,
    where_references,
    with_filter,
    write_where,
)
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import EventSnapshot


@dataclass(frozen=True, kw_only=True)
class ExitRule:
    """`same_subject`: only an event about what the enrollment is about (its order, its list) takes the contact out."""

    event: str
    same_subject: bool
    where: Where = ()

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            event=fields.text("event", max_length=64),
            same_subject=fields.flag("same_subject"),
            where=read_where(fields),
        )

    def write(self) -> dict[str, Any]:
        return {"event": self.event, "same_subject": self.same_subject, **write_where(self.where)}

    @property
    def reason(self) -> str:
        """The reason written on the enrollment: the kind of event, at most 64 characters."""
        return self.event

    def matches(self, event: EventSnapshot, subject: str) -> bool:
        """Whether `event` takes out an enrollment about `subject`."""
        return (
            event.kind == self.event
            and (not self.same_subject or event.subject == subject)
            and matches_where(self.where, event.data)
        )

    def references(self, field: str) -> Iterable[Reference]:
        yield Reference("", f"{field}.event", Target.EVENT_KIND, self.event)
        yield from where_references(self.where, "", f"{field}.where")

    def sentence(self, names: References) -> str:
        values = {"event": names.name_of(Target.EVENT_KIND, self.event)}
        if self.same_subject:
            told = _("Leave when “%(event)s” happens to the same subject") % values
        else:
            told = _("Leave when “%(event)s” happens") % values
        return with_filter(told, self.where, names)
