"""Send an e-mail: the message is named by its translation key, so each contact gets it in their language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.outcomes import Outcome, Send
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


@dataclass(frozen=True, kw_only=True)
class SendEmail(Step):
    """`mailing_list` None: the list named in the data of the event that started the enrollment, if it names one."""

    kind: ClassVar[str] = "send_email"
    label: ClassVar[Any] = gettext_lazy("Send an e-mail")

    message: str
    mailing_list: str | None = None

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(id=id, outlets=outlets, message=fields.key("message"), mailing_list=fields.optional_key("list"))

    def write(self) -> dict[str, Any]:
        return {"message": self.message, "list": self.mailing_list}

    def decide(self, situation: Situation) -> Outcome:
        return Send(self.message, self.mailing_list or _list_of_event(situation), "next")

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "message", Target.MESSAGE, self.message)
        if self.mailing_list is not None:
            yield Reference(self.id, "list", Target.MAILING_LIST, self.mailing_list)

    def sentence(self, names: References) -> str:
        values = {"message": names.name_of(Target.MESSAGE, self.message)}
        if self.mailing_list is None:
            return _("Send “%(message)s”") % values
        values["list"] = names.name_of(Target.MAILING_LIST, self.mailing_list)
        return _("Send “%(message)s” to subscribers of “%(list)s”") % values


def _list_of_event(situation: Situation) -> str | None:
    named = situation.event.data.get("list") if situation.event else None
    return named if isinstance(named, str) else None
