"""Condition: the first branch whose question holds for the contact now."""

from __future__ import annotations

import json

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.branches import OTHERWISE, read_branches
from wagtail_flows.scenarios.outcomes import Continue, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References, Target, rule_text
from wagtail_flows.scenarios.situation import Question, Situation
from wagtail_flows.scenarios.step import Step


IN_SEGMENT = "in_segment"
MATCHING_RULE = "matching_rule"


@dataclass(frozen=True)
class Branch:
    """Taken by who is in a segment (`target` SEGMENT, `asked` its public id), or by whom a rule holds for (RULE, its
    text).
    """

    outlet: str
    target: Target
    asked: str

    @classmethod
    def read(cls, fields: Reader, outlet: str) -> Branch:
        if fields.has("segment"):
            if fields.has("rule"):
                fields.note("rule", "two_questions", _("Ask a segment or a rule, not both: remove one."))
            return cls(outlet, Target.SEGMENT, fields.key("segment"))
        rule = fields.part("rule")
        if rule is None and not fields.has("rule"):
            fields.note("rule", "missing", _("Add a “segment” or a “rule”: who takes this branch."))
        return cls(outlet, Target.RULE, rule_text(rule.data) if rule is not None else "{}")

    def write(self) -> dict[str, Any]:
        asked = self.asked if self.target is Target.SEGMENT else json.loads(self.asked)
        return {"outlet": self.outlet, self.target.value: asked}

    def question(self) -> Question:
        name = IN_SEGMENT if self.target is Target.SEGMENT else MATCHING_RULE
        return Question(name, self.asked, key=self.outlet)


@dataclass(frozen=True, kw_only=True)
class Condition(Step):
    """Several named branches, tried in order; who takes none goes out by `else`. A question that can't be asked any
    more holds for nobody.
    """

    kind: ClassVar[str] = "condition"
    label: ClassVar[Any] = gettext_lazy("Condition")
    is_personal: ClassVar[bool] = False
    required_outlets: ClassVar[tuple[str, ...]] = (OTHERWISE,)

    branches: tuple[Branch, ...]

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(id=id, outlets=outlets, branches=read_branches(fields, Branch.read))

    def write(self) -> dict[str, Any]:
        return {"branches": [branch.write() for branch in self.branches]}

    def must_lead(self) -> tuple[str, ...]:
        return (*(branch.outlet for branch in self.branches), OTHERWISE)

    def questions(self) -> tuple[Question, ...]:
        return tuple(branch.question() for branch in self.branches)

    def decide(self, situation: Situation) -> Outcome:
        taken = (branch.outlet for branch in self.branches if situation.answers.get(branch.outlet))
        return Continue(next(taken, OTHERWISE))

    def references(self) -> Iterable[Reference]:
        for position, branch in enumerate(self.branches):
            yield Reference(self.id, f"branches.{position}.{branch.target.value}", branch.target, branch.asked)

    def sentence(self, names: References) -> str:
        told = [
            _("%(outlet)s: %(question)s") % {"outlet": branch.outlet, "question": _question(branch, names)}
            for branch in self.branches
        ]
        return _("Choose by the contact – %(branches)s") % {"branches": "; ".join(told)}


def _question(branch: Branch, names: References) -> str:
    name = names.name_of(branch.target, branch.asked)
    return _("is in “%(segment)s”") % {"segment": name} if branch.target is Target.SEGMENT else name
