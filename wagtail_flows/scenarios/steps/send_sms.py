"""Send an SMS to the number that a property holds."""

from __future__ import annotations

import re

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_flows.lib.sms_length import sms_length
from wagtail_flows.scenarios.basis import Why
from wagtail_flows.scenarios.outcomes import Dispatch, Outcome
from wagtail_flows.scenarios.problems import Problem
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Question, Situation
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.steps.wait_until_property import PROPERTY_VALUE


if TYPE_CHECKING:
    from wagtail_flows.scenarios.graph import Graph


CHANNEL = "sms"
LONGEST_TEXT = 1_000
# What takes another length once it is filled in.
LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# How one may leave: the link, or a word to answer with, as the law of many countries wants it.
WAY_OUT = re.compile(r"links\.unsubscribe|\bSTOP\b")
# An alphanumeric sender has at most 11 characters, one of them a letter; a number is one (3GPP TS 23.040 §9.1.2.5).
SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}\Z|\+?[0-9]{3,15}\Z")


@dataclass(frozen=True, kw_only=True)
class SendSms(Step):
    """`phone`: name of the property that holds the number. `sender` "": that of the settings."""

    kind: ClassVar[str] = "send_sms"
    label: ClassVar[Any] = gettext_lazy("Send an SMS")
    is_personal: ClassVar[bool] = False

    text: str
    phone: str
    basis: Why
    mailing_list: str | None = None
    sender: str = ""

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        basis = Why(fields.choice("basis", list(Why)))
        return cls(
            id=id,
            outlets=outlets,
            text=fields.text("text", max_length=LONGEST_TEXT),
            phone=fields.text("phone", max_length=64),
            basis=basis,
            # Without a list there is nothing that could have been subscribed to.
            mailing_list=fields.key("list") if basis is Why.SUBSCRIPTION else fields.optional_key("list"),
            sender=_read_sender(fields),
        )

    def write(self) -> dict[str, Any]:
        sender = {"sender": self.sender} if self.sender else {}
        basis = self.basis.value
        return {"text": self.text, "phone": self.phone, "basis": basis, "list": self.mailing_list, **sender}

    def questions(self) -> tuple[Question, ...]:
        return (Question(PROPERTY_VALUE, self.phone),)

    def decide(self, situation: Situation) -> Outcome:
        phone = situation.answers.get(PROPERTY_VALUE)
        number = phone if isinstance(phone, str) else ""
        payload = {"text": self.text, "phone": number, "sender": self.sender}
        return Dispatch(CHANNEL, payload, number[:64].strip(), self.basis.value, self.mailing_list)

    def problems(self, graph: Graph) -> Iterable[Problem]:
        yield from self._about_length()
        if self.basis is not Why.TRANSACTION and not WAY_OUT.search(self.text):
            text = _("Say how to get no more of these: add {{ links.unsubscribe }}, or “STOP” and a number.")
            yield Problem(self.id, "text", "no_way_out", text, is_warning=True)

    def _about_length(self) -> Iterator[Problem]:
        length = sms_length(LIQUID.sub("", self.text))
        if length.strange:
            text = _("“%(character)s” isn't in the alphabet of SMS: one then holds 70 characters and not 160.")
            values = {"character": length.strange}
            yield Problem(self.id, "text", "sms_alphabet", text % values, is_warning=True)
        if length.segments > 1:
            text = ngettext(
                "This text takes at least %(count)d SMS: shorten it, or pay for each.",
                "This text takes at least %(count)d SMS: shorten it, or pay for each.",
                length.segments,
            )
            yield Problem(self.id, "text", "sms_length", text % {"count": length.segments}, is_warning=True)

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "phone", Target.PROPERTY, self.phone, type="text")
        yield Reference(self.id, "text", Target.TEXT, self.text)
        if self.mailing_list is not None:
            yield Reference(self.id, "list", Target.MAILING_LIST, self.mailing_list)

    def sentence(self, names: References) -> str:
        values = {"text": self.text, "property": names.name_of(Target.PROPERTY, self.phone)}
        return _("Send the SMS “%(text)s” to “%(property)s”") % values


def _read_sender(fields: Reader) -> str:
    sender = fields.text("sender", max_length=16) if fields.has("sender") else ""
    if sender and not SENDER.match(sender):
        text = _("A sender is at most 11 letters and digits, or a number.")
        fields.note("sender", "not_a_sender", text)
    return sender
