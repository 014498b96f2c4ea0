"""Wait for an event: until it happens, or the time is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.durations import Duration
from wagtail_flows.scenarios.filters import Where, read_where, where_references, with_filter, write_where
from wagtail_flows.scenarios.outcomes import Continue, Outcome
from wagtail_flows.scenarios.outcomes import WaitForEvent as WaitUntilEvent
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


HAPPENED = "happened"
TIMEOUT = "timeout"


@dataclass(frozen=True, kw_only=True)
class WaitForEvent(Step):
    """`same_subject`: only an event about what the enrollment is about (its order, its list) counts.

    What happened since the step before was left counts, however late it is looked at: it wins over the time-out. A
    time-out that is looked at late is still true, since nothing has happened: so it has no lateness.
    """

    kind: ClassVar[str] = "wait_for_event"
    label: ClassVar[Any] = gettext_lazy("Wait for an event")
    is_personal: ClassVar[bool] = False
    required_outlets: ClassVar[tuple[str, ...]] = (HAPPENED, TIMEOUT)
    is_wait: ClassVar[bool] = True

    event: str
    same_subject: bool
    where: Where
    timeout: Duration

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(
            id=id,
            outlets=outlets,
            event=fields.text("event", max_length=64),
            same_subject=fields.flag("same_subject"),
            where=read_where(fields),
            timeout=_read_timeout(fields),
        )

    def write(self) -> dict[str, Any]:
        timeout = self.timeout.write()
        return {"event": self.event, "same_subject": self.same_subject, **write_where(self.where), "timeout": timeout}

    def decide(self, situation: Situation) -> Outcome:
        if situation.woken_by is not None:
            event = situation.woken_by
            return Continue(HAPPENED, {"event": event.id, "occurred_at": event.occurred_at.isoformat()})
        until = situation.kept_until or self.timeout.after(situation.step_entered_at, situation.zone)
        if situation.now >= until:
            return Continue(TIMEOUT)
        return WaitUntilEvent(self.event, self.where, self.same_subject, until)

    @property
    def passes_time(self) -> bool:
        """An event wakes it once, so every passage takes an event of its own or the whole time."""
        return True

    def references(self) -> Iterable[Reference]:
        yield Reference(self.id, "event", Target.EVENT_KIND, self.event)
        yield from where_references(self.where, self.id)

    def sentence(self, names: References) -> str:
        values = {"event": names.name_of(Target.EVENT_KIND, self.event), "duration": self.timeout.words()}
        if self.same_subject:
            told = _("Wait up to %(duration)s until “%(event)s” happens to the same subject") % values
        else:
            told = _("Wait up to %(duration)s until “%(event)s” happens") % values
        return with_filter(told, self.where, names)


def _read_timeout(fields: Reader) -> Duration:
    part = fields.part("timeout")
    if part is None:
        if not fields.has("timeout"):
            fields.note("timeout", "missing", _("Add a “timeout”: how long to wait at most, so that nobody is stuck."))
        return Duration.read(Reader({"amount": 1, "unit": "days"}, []))
    timeout = Duration.read(part)
    part.close()
    return timeout
