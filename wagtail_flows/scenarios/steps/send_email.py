"""Send an e-mail: the message is named by its translation key, so each contact gets it in their language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_flows.scenarios.lateness import NEVER_TOO_LATE, Lateness
from wagtail_flows.scenarios.outcomes import Outcome, Send
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


@dataclass(frozen=True, kw_only=True)
class SendEmail(Step):
    """`mailing_list` None: the list named in the data of the event that started the enrollment, if it names one.

    `late`: how long the e-mail, once queued, may be held back by caps, quiet hours, a pause or an outage.
    """

    kind: ClassVar[str] = "send_email"
    label: ClassVar[Any] = gettext_lazy("Send an e-mail")
    is_personal: ClassVar[bool] = False

    message: str
    mailing_list: str | None = None
    late: Lateness = NEVER_TOO_LATE

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(
            id=id,
            outlets=outlets,
            message=fields.key("message"),
            mailing_list=fields.optional_key("list"),
            late=Lateness.read(fields),
        )

    def write(self) -> dict[str, Any]:
        late = self.late.write()
        return {"message": self.message, "list": self.mailing_list, **({} if late is None else {"late": late})}

    def decide(self, situation: Situation) -> Outcome:
        return Send(self.message, self.mailing_list or _list_of_event(situation), "next", self.late.limit)

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "message", Target.MESSAGE, self.message)
        if self.mailing_list is not None:
            yield Reference(self.id, "list", Target.MAILING_LIST, self.mailing_list)

    def sentence(self, names: References) -> str:
        values = {"message": names.name_of(Target.MESSAGE, self.message)}
        if self.mailing_list is None:
            return _("Send “%(message)s”") % values + self._late_words()
        values["list"] = names.name_of(Target.MAILING_LIST, self.mailing_list)
        return _("Send “%(message)s” to subscribers of “%(list)s”") % values + self._late_words()

    def _late_words(self) -> str:
        hours = self.late.skip_after_hours
        if hours is None:
            return ""
        text = ngettext(
            "; not if held back for more than %(count)d hour", "; not if held back for more than %(count)d hours", hours
        )
        return text % {"count": hours}


def _list_of_event(situation: Situation) -> str | None:
    named = situation.event.data.get("list") if situation.event else None
    return named if isinstance(named, str) else None
