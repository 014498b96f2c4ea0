"""Audience: who may be in a scenario at all, whatever starts it."""

from __future__ import annotations

import json

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target, rule_text


@dataclass(frozen=True)
class Audience:
    """Who is in a segment (`target` SEGMENT, `asked` its public id), or whom a rule holds for (RULE, its text).

    Asked when somebody would come in; with `recheck` once more before each e-mail is handed over.
    """

    target: Target
    asked: str
    recheck: bool = False

    @classmethod
    def read(cls, fields: Reader) -> Self:
        recheck = fields.flag("recheck") if fields.has("recheck") else False
        if fields.has("segment"):
            if fields.has("rule"):
                fields.note("rule", "two_questions", _("Ask a segment or a rule, not both: remove one."))
            return cls(Target.SEGMENT, fields.key("segment"), recheck)
        rule = fields.part("rule")
        if rule is None and not fields.has("rule"):
            fields.note("rule", "missing", _("Add a “segment” or a “rule”: who may come in."))
        return cls(Target.RULE, rule_text(rule.data) if rule is not None else "{}", recheck)

    def write(self) -> dict[str, Any]:
        asked = self.asked if self.target is Target.SEGMENT else json.loads(self.asked)
        return {self.target.value: asked, "recheck": self.recheck}

    def references(self) -> Iterable[Reference]:
        yield Reference("", f"audience.{self.target.value}", self.target, self.asked)

    def sentence(self, names: References) -> str:
        values = {"who": names.name_of(self.target, self.asked)}
        if self.target is Target.SEGMENT:
            told = _("Only people in the segment “%(who)s”") % values
        else:
            told = _("Only people of whom this holds: %(who)s") % values
        return _("%(told)s; asked again before each e-mail") % {"told": told} if self.recheck else told
