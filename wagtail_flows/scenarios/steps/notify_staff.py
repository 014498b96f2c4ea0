"""Notify the staff: a mail to groups of the admin, or to some of its people, about the contact who came here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.outcomes import Dispatch, Outcome
from wagtail_flows.scenarios.reading import Reader, is_storable
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


CHANNEL = "staff"
MAX_NAMED = 50
LONGEST_SUBJECT = 200
LONGEST_TEXT = 5_000


@dataclass(frozen=True, kw_only=True)
class NotifyStaff(Step):
    """`groups` by name; `addresses` of people who may enter the admin, in lower case. At least one of either."""

    kind: ClassVar[str] = "notify_staff"
    label: ClassVar[Any] = gettext_lazy("Notify the staff")
    is_personal: ClassVar[bool] = False

    subject: str
    text: str
    groups: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        groups, addresses = _read_names(fields, "groups"), _read_names(fields, "addresses")
        if not fields.data.get("groups") and not fields.data.get("addresses"):
            fields.note("groups", "missing", _("Name at least one group, or one address."))
        return cls(
            id=id,
            outlets=outlets,
            subject=fields.text("subject", max_length=LONGEST_SUBJECT),
            text=fields.text("text", max_length=LONGEST_TEXT),
            groups=groups,
            addresses=tuple(dict.fromkeys(map(str.casefold, addresses))),
        )

    def write(self) -> dict[str, Any]:
        named = {"groups": list(self.groups), "addresses": list(self.addresses)}
        return {"subject": self.subject, "text": self.text, **named}

    def decide(self, situation: Situation) -> Outcome:
        return Dispatch(CHANNEL, self.write())

    def references(self) -> Iterable[Reference]:
        for position, name in enumerate(self.groups):
            yield Reference(self.id, f"groups.{position}", Target.STAFF_GROUP, name)
        for position, address in enumerate(self.addresses):
            yield Reference(self.id, f"addresses.{position}", Target.STAFF_ADDRESS, address)
        yield Reference(self.id, "subject", Target.TEXT, self.subject)
        yield Reference(self.id, "text", Target.TEXT, self.text)

    def sentence(self, names: References) -> str:
        values = {"subject": self.subject, "people": ", ".join((*self.groups, *self.addresses))}
        return _("Notify %(people)s: “%(subject)s”") % values


def _read_names(fields: Reader, field: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for position, item in enumerate(fields.items(field, MAX_NAMED)):
        if isinstance(item, str) and 1 <= len(item) <= 254 and is_storable(item):
            found[item] = None
        else:
            fields.note(f"{field}.{position}", "not_text", _("This must be a name, or an address."))
    return tuple(found)
