"""Random split: so many of a hundred this way, so many that way. Who comes again goes the same way again.

With a rule for the winner, who comes first after it was found takes the winner's way.
"""

from __future__ import annotations

import hashlib
import json

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.branches import read_branches
from wagtail_flows.scenarios.outcomes import Continue, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.situation import Question, Situation
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.winners import WinnerRule


MAX_WEIGHT = 10_000
SPLIT_WINNER = "split_winner"
SPLIT_TAKEN = "split_taken"


@dataclass(frozen=True)
class Branch:
    """`weight` is its share of the sum of all weights; with 0 nobody takes it any more."""

    outlet: str
    weight: int

    @classmethod
    def read(cls, fields: Reader, outlet: str) -> Branch:
        return cls(outlet, fields.integer("weight", minimum=0, maximum=MAX_WEIGHT))

    def write(self) -> dict[str, Any]:
        return {"outlet": self.outlet, "weight": self.weight}


@dataclass(frozen=True, kw_only=True)
class RandomSplit(Step):
    """Nothing is drawn at run time: the way is a hash of scenario, step and contact, measured against the weights. So a
    retry and a rehearsal go the same way, and two splits are independent of each other. Who passed here before keeps
    their way, whatever the weights are now, as long as the branch has any.

    `winner`: how the winner is found, if one is looked for.
    """

    kind: ClassVar[str] = "random_split"
    label: ClassVar[Any] = gettext_lazy("Random split")
    required_outlets: ClassVar[tuple[str, ...]] = ()

    branches: tuple[Branch, ...]
    winner: WinnerRule | None = None

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        branches = read_branches(fields, Branch.read, minimum=2)
        taken = sum(branch.weight > 0 for branch in branches)
        if not fields.has_problems and not taken:
            fields.note("branches", "no_weight", _("Give at least one branch a weight above 0."))
        part = fields.part("winner")
        winner = WinnerRule.read(part) if part is not None else None
        if part is not None:
            part.close()
            if taken == 1:
                fields.note("winner", "one_branch", _("Only one branch has a weight: there is none to win against."))
        return cls(id=id, outlets=outlets, branches=branches, winner=winner)

    def write(self) -> dict[str, Any]:
        winner = {"winner": self.winner.write()} if self.winner is not None else {}
        return {"branches": [branch.write() for branch in self.branches], **winner}

    @property
    def taken(self) -> tuple[str, ...]:
        """The outlets that people take, as far as their weights go."""
        return tuple(branch.outlet for branch in self.branches if branch.weight)

    @property
    def fingerprint(self) -> str:
        """The same for two splits whose branches, ways and rule are the same: then a winner of one is one of both."""
        told = json.dumps({**self.write(), "outlets": dict(self.outlets)}, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    def questions(self) -> tuple[Question, ...]:
        taken = Question(SPLIT_TAKEN, self.id, key="taken", is_of_scenario=True)
        if self.winner is None:
            return (taken,)
        return (Question(SPLIT_WINNER, f"{self.id}:{self.fingerprint}", key="winner", is_of_scenario=True), taken)

    def must_lead(self) -> tuple[str, ...]:
        return tuple(branch.outlet for branch in self.branches)

    def decide(self, situation: Situation) -> Outcome:
        for known in ("taken", "winner"):
            if situation.answers.get(known) in self.taken:
                return Continue(situation.answers[known])
        ends = list(accumulate(branch.weight for branch in self.branches))
        place = _place(f"{situation.scenario}:{self.id}:{situation.contact}", ends[-1])
        return Continue(next(branch.outlet for branch, end in zip(self.branches, ends, strict=True) if place < end))

    def sentence(self, names: References) -> str:
        whole = sum(branch.weight for branch in self.branches)
        told = [
            _("%(outlet)s: %(percent)d %%") % {"outlet": branch.outlet, "percent": round(100 * branch.weight / whole)}
            for branch in self.branches
        ]
        split = _("Split at random – %(branches)s") % {"branches": "; ".join(told)}
        return f"{split}; {self.winner.words()}" if self.winner is not None else split


def _place(text: str, whole: int) -> int:
    """A number from 0 to `whole` - 1, always the same for the same text, and evenly spread."""
    drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return drawn * whole >> 64
