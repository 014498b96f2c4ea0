"""Call a webhook: tell another system at once that a contact came here. The answer isn't waited for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.filters import is_plain
from wagtail_flows.scenarios.outcomes import Dispatch, Outcome
from wagtail_flows.scenarios.reading import MAX_TEXT, Reader, is_storable
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


CHANNEL = "webhook"
MAX_NAMES = 50
# What contacts have without any property.
OWN_NAMES = frozenset({"email", "first_name", "last_name", "locale"})


@dataclass(frozen=True, kw_only=True)
class CallWebhook(Step):
    """`endpoint`: public id. `contact`: what is told of the contact beside their public id, names of properties among
    them; `tells_event`: whether the data of the event that started the enrollment is; `data`: what is always told.
    """

    kind: ClassVar[str] = "call_webhook"
    label: ClassVar[Any] = gettext_lazy("Call a webhook")
    is_personal: ClassVar[bool] = False

    endpoint: str
    contact: tuple[str, ...] = ()
    tells_event: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(
            id=id,
            outlets=outlets,
            endpoint=fields.key("webhook"),
            contact=_read_names(fields),
            tells_event=fields.flag("event") if fields.has("event") else True,
            data=_read_data(fields),
        )

    def write(self) -> dict[str, Any]:
        return {
            "webhook": self.endpoint,
            "contact": list(self.contact),
            "event": self.tells_event,
            "data": dict(self.data),
        }

    def decide(self, situation: Situation) -> Outcome:
        told = {"contact": list(self.contact), "event": self.tells_event, "data": dict(self.data)}
        return Dispatch(CHANNEL, {"endpoint": self.endpoint, **told})

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "webhook", Target.WEBHOOK, self.endpoint)
        for position, name in enumerate(self.contact):
            if name not in OWN_NAMES:
                yield Reference(self.id, f"contact.{position}", Target.PROPERTY, name)

    def sentence(self, names: References) -> str:
        return _("Call the webhook “%(webhook)s”") % {"webhook": names.name_of(Target.WEBHOOK, self.endpoint)}


def _read_names(fields: Reader) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for position, item in enumerate(fields.items("contact", MAX_NAMES)):
        if isinstance(item, str) and 1 <= len(item) <= 64 and is_storable(item):
            found[item] = None
        else:
            text = _("This must be “email”, “first_name”, “last_name”, “locale” or the name of a property.")
            fields.note(f"contact.{position}", "not_text", text)
    return tuple(found)


def _read_data(fields: Reader) -> dict[str, Any]:
    part = fields.part("data")
    if part is None:
        return {}
    if len(part.data) > MAX_NAMES:
        text = _("“%(name)s” has %(count)d items; at most %(max)d are possible.")
        values = {"name": "data", "count": len(part.data), "max": MAX_NAMES}
        fields.note("data", "too_many", text % values)
        return {}
    return {name: value for name, value in part.data.items() if _is_fit(part, name, value)}


def _is_fit(part: Reader, name: str, value: Any) -> bool:
    is_fit = is_plain(value) and is_storable(name) and not (isinstance(value, str) and len(value) > MAX_TEXT)
    if not is_fit:
        text = _("“%(name)s” must be a text, a number, true or false.")
        part.note(name, "not_plain", text % {"name": name[:MAX_TEXT]})
    return is_fit
