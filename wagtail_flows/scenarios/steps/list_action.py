"""List action: subscribe the contact to a list, subscribe again, add without subscribing, unsubscribe, or remove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wagtail_flows.contacts.list_verbs import ListVerb
from wagtail_flows.scenarios.outcomes import ChangeSubscription, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


LONGEST_WORDING = 1_000


@dataclass(frozen=True, kw_only=True)
class ListAction(Step):
    """`consent`: the wording of a consent that the contact gave elsewhere, kept as evidence; only to subscribe. Without
    it the contact is asked to confirm, also where the list is without double opt-in: a scenario can't invent consent.
    """

    kind: ClassVar[str] = "list_action"
    label: ClassVar[Any] = gettext_lazy("Change a subscription")
    is_personal: ClassVar[bool] = False

    mailing_list: str
    verb: ListVerb
    consent: str = ""

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        verb = ListVerb(fields.choice("action", list(ListVerb)))
        return cls(
            id=id,
            outlets=outlets,
            mailing_list=fields.key("list"),
            verb=verb,
            consent=_read_consent(fields) if verb is ListVerb.SUBSCRIBE else "",
        )

    def write(self) -> dict[str, Any]:
        consent = {"consent": self.consent} if self.consent else {}
        return {"list": self.mailing_list, "action": self.verb.value, **consent}

    def decide(self, situation: Situation) -> Outcome:
        return ChangeSubscription(self.mailing_list, self.verb, self.consent)

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "list", Target.MAILING_LIST, self.mailing_list)

    def sentence(self, names: References) -> str:
        values = {"list": names.name_of(Target.MAILING_LIST, self.mailing_list)}
        match self.verb:
            case ListVerb.SUBSCRIBE if self.consent:
                return _("Subscribe to “%(list)s”, by a consent given elsewhere") % values
            case ListVerb.SUBSCRIBE:
                return _("Ask to confirm a subscription to “%(list)s”") % values
            case ListVerb.SUBSCRIBE_AGAIN:
                return _("Ask to confirm a subscription to “%(list)s”, also who unsubscribed") % values
            case ListVerb.ADD:
                return _("Add to “%(list)s” without subscribing") % values
            case ListVerb.UNSUBSCRIBE:
                return pgettext("step", "Unsubscribe from “%(list)s”") % values
            case ListVerb.REMOVE:
                return _("Remove from “%(list)s”") % values
            case _:
                assert_never(self.verb)


def _read_consent(fields: Reader) -> str:
    """The wording that the contact agreed to; left out, there was none. A blank one would prove nothing."""
    if not fields.has("consent"):
        return ""
    wording = fields.text("consent", max_length=LONGEST_WORDING)
    if wording and not wording.strip():
        fields.note("consent", "blank", _("Write the words that the contact agreed to, or leave “consent” out."))
    return wording.strip()
