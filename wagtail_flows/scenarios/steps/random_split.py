"""Random split: so many of a hundred this way, so many that way. Who comes again goes the same way again."""

from __future__ import annotations

import hashlib

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
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


MAX_WEIGHT = 10_000


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
    """Nothing is drawn at run time: the way is a hash of scenario, step and contact. So a retry, a rehearsal and coming
    back all go the same way, and two splits are independent of each other.
    """

    kind: ClassVar[str] = "random_split"
    label: ClassVar[Any] = gettext_lazy("Random split")
    required_outlets: ClassVar[tuple[str, ...]] = ()

    branches: tuple[Branch, ...]

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        branches = read_branches(fields, Branch.read, minimum=2)
        if not fields.has_problems and not any(branch.weight for branch in branches):
            fields.note("branches", "no_weight", _("Give at least one branch a weight above 0."))
        return cls(id=id, outlets=outlets, branches=branches)

    def write(self) -> dict[str, Any]:
        return {"branches": [branch.write() for branch in self.branches]}

    def must_lead(self) -> tuple[str, ...]:
        return tuple(branch.outlet for branch in self.branches)

    def decide(self, situation: Situation) -> Outcome:
        ends = list(accumulate(branch.weight for branch in self.branches))
        place = _place(f"{situation.scenario}:{self.id}:{situation.contact}", ends[-1])
        return Continue(next(branch.outlet for branch, end in zip(self.branches, ends, strict=True) if place < end))

    def sentence(self, names: References) -> str:
        whole = sum(branch.weight for branch in self.branches)
        told = [
            _("%(outlet)s: %(percent)d %%") % {"outlet": branch.outlet, "percent": round(100 * branch.weight / whole)}
            for branch in self.branches
        ]
        return _("Split at random – %(branches)s") % {"branches": "; ".join(told)}


def _place(text: str, whole: int) -> int:
    """A number from 0 to `whole` - 1, always the same for the same text, and evenly spread."""
    drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return drawn * whole >> 64
