"""Trigger: a subscription to one list, to several, or to any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.already import Already, Subscribed
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import Often, read_reentry, with_reentry, write_reentry
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import EventSnapshot
from wagtail_flows.scenarios.trigger import Trigger


SUBSCRIBED = "list.subscribed"
MAX_LISTS = 50


@dataclass(frozen=True, kw_only=True)
class ListTrigger(Trigger):
    """`lists`: public ids; empty means any. Confirmed subscriptions only: asking for one isn't subscribing yet."""

    kind: ClassVar[str] = "list"
    label: ClassVar[Any] = gettext_lazy("Subscribed to a list")

    lists: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        lists = fields.keys("lists", MAX_LISTS)
        return cls(id=id, lists=lists, reentry=read_reentry(fields, default=Often.ONCE_PER_SUBJECT))

    def write(self) -> dict[str, Any]:
        return {"lists": list(self.lists), "reentry": write_reentry(self.reentry)}

    def event_kinds(self) -> frozenset[str]:
        return frozenset({SUBSCRIBED})

    def matches(self, event: EventSnapshot) -> bool:
        return event.kind == SUBSCRIBED and (not self.lists or event.data.get("list") in self.lists)

    def already(self) -> Already:
        return Subscribed(self.lists)

    def references(self) -> Iterable[Reference]:
        for position, public_id in enumerate(self.lists):
            yield Reference(self.id, f"lists.{position}", Target.MAILING_LIST, public_id)

    def sentence(self, names: References) -> str:
        return with_reentry(self._told(names), self.reentry)

    def _told(self, names: References) -> str:
        called = [_("“%(text)s”") % {"text": names.name_of(Target.MAILING_LIST, key)} for key in self.lists]
        match called:
            case []:
                return _("When somebody subscribes to any list")
            case [name]:
                return _("When somebody subscribes to %(list)s") % {"list": name}
            case _:
                return _("When somebody subscribes to one of %(lists)s") % {"lists": ", ".join(called)}
