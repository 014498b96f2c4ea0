"""Trigger: something known about the contact changed, to anything or to one value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.already import Already, HasValue
from wagtail_flows.scenarios.filters import is_same, number, read_plain
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import Often, read_reentry, with_reentry, write_reentry
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import EventSnapshot
from wagtail_flows.scenarios.trigger import Trigger


CHANGED = "contact.property_changed"
NUMBER = "number"


@dataclass(frozen=True, kw_only=True)
class PropertyTrigger(Trigger):
    """`name` of the property; `to`: the value it must have now (None: any change, also being taken away)."""

    kind: ClassVar[str] = "property_changed"
    label: ClassVar[Any] = gettext_lazy("Property changed")

    name: str
    to: Any = None

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        return cls(
            id=id,
            name=fields.text("property", max_length=64),
            to=read_plain(fields, "to") if fields.has("to") else None,
            reentry=read_reentry(fields, default=Often.EVERY_TIME),
        )

    def write(self) -> dict[str, Any]:
        to = {} if self.to is None else {"to": self.to}
        return {"property": self.name, **to, "reentry": write_reentry(self.reentry)}

    def event_kinds(self) -> frozenset[str]:
        return frozenset({CHANGED})

    def matches(self, event: EventSnapshot) -> bool:
        if event.kind != CHANGED or event.data.get("property") != self.name:
            return False
        return self.to is None or self._is_to(event.data.get("new"), event.data.get("type"))

    def _is_to(self, new: Any, kind: Any) -> bool:
        if kind == NUMBER:
            return new is not None and number(self.to) == number(new)
        return is_same(self.to, new)

    def already(self) -> Already:
        return HasValue(self.name, self.to)

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "property", Target.PROPERTY, self.name)

    def sentence(self, names: References) -> str:
        values = {"property": names.name_of(Target.PROPERTY, self.name), "value": self._value()}
        told = _("When “%(property)s” changes") if self.to is None else _("When “%(property)s” becomes “%(value)s”")
        return with_reentry(told % values, self.reentry)

    def _value(self) -> str:
        if isinstance(self.to, bool):
            return _("yes") if self.to else _("no")
        return str(self.to)
