"""Update a property of the contact: set it, clear it, add to it, or copy it from the event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.filters import Scalar, is_plain
from wagtail_flows.scenarios.outcomes import Change, Continue, Outcome, PropertyVerb
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Question, Situation
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.values import typed


PROPERTY_TYPE = "property_type"


class How(StrEnum):
    SET = "set"
    CLEAR = "clear"
    ADD = "add"
    COPY = "copy"


@dataclass(frozen=True, kw_only=True)
class UpdateProperty(Step):
    """`value`: what to set, or to add to a number. `field`: the name in the data of the event, to copy from.

    What isn't there, or isn't of the property's type, changes nothing; the visit says so.
    """

    kind: ClassVar[str] = "update_property"
    label: ClassVar[Any] = gettext_lazy("Update a property")
    is_personal: ClassVar[bool] = False

    name: str
    how: How
    value: Scalar = None
    field: str = ""

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        how = How(fields.choice("change", list(How)))
        return cls(
            id=id,
            outlets=outlets,
            name=fields.text("property", max_length=64),
            how=how,
            value=_read_value(fields) if how in (How.SET, How.ADD) else None,
            field=fields.text("field") if how is How.COPY else "",
        )

    def write(self) -> dict[str, Any]:
        value = {"value": self.value} if self.how in (How.SET, How.ADD) else {}
        field = {"field": self.field} if self.how is How.COPY else {}
        return {"property": self.name, "change": self.how.value, **value, **field}

    def questions(self) -> tuple[Question, ...]:
        return (Question(PROPERTY_TYPE, self.name),)

    def decide(self, situation: Situation) -> Outcome:
        match self.how:
            case How.CLEAR:
                return Change(self.name, PropertyVerb.CLEAR)
            case How.SET:
                return self._changed(PropertyVerb.SET, self.value, situation)
            case How.ADD:
                return self._changed(PropertyVerb.ADD, self.value, situation)
            case How.COPY:
                data = situation.event.data if situation.event else {}
                return self._changed(PropertyVerb.SET, data.get(self.field), situation)
            case _:
                assert_never(self.how)

    def _changed(self, verb: PropertyVerb, value: Any, situation: Situation) -> Outcome:
        wanted = typed(situation.answers.get(PROPERTY_TYPE) or "", value)
        if wanted is None:
            return Continue("next", {"not_changed": value if is_plain(value) else None})
        return Change(self.name, verb, wanted, seen={"value": str(wanted)})

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "property", Target.PROPERTY, self.name, type="number" if self.how is How.ADD else "")

    def sentence(self, names: References) -> str:
        values = {
            "property": names.name_of(Target.PROPERTY, self.name),
            "value": str(self.value),
            "field": self.field,
        }
        match self.how:
            case How.SET:
                return _("Set “%(property)s” to “%(value)s”") % values
            case How.CLEAR:
                return _("Clear “%(property)s”") % values
            case How.ADD:
                return _("Add %(value)s to “%(property)s”") % values
            case How.COPY:
                return _("Set “%(property)s” to “%(field)s” of the event") % values
            case _:
                assert_never(self.how)


def _read_value(fields: Reader) -> Scalar:
    value = fields.data.get("value")
    if not fields.has("value"):
        fields.note("value", "missing", _("“%(name)s” is missing: add it.") % {"name": "value"})
    elif not is_plain(value):
        fields.note("value", "not_plain", _("“%(name)s” must be a text, a number, true or false.") % {"name": "value"})
        return None
    return value
