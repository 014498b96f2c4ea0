"""Split by data: the first branch whose filter holds for the event that started the enrollment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.branches import OTHERWISE, read_branches
from wagtail_flows.scenarios.filters import (
    Where,
    matches_where,
    read_where,
    where_references,
    where_words,
    write_where,
)
from wagtail_flows.scenarios.outcomes import Continue, Outcome
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import Reference, References
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


@dataclass(frozen=True)
class Branch:
    outlet: str
    where: Where

    @classmethod
    def read(cls, fields: Reader, outlet: str) -> Branch:
        where = read_where(fields)
        if not where and not fields.has_problems:
            fields.note("where", "missing", _("Say what the data must be for this branch."))
        return cls(outlet, where)

    def write(self) -> dict[str, Any]:
        return {"outlet": self.outlet, **write_where(self.where)}


@dataclass(frozen=True, kw_only=True)
class SplitByData(Step):
    """Branches tried in order; whom none takes, or whose event is forgotten, goes out by `else`."""

    kind: ClassVar[str] = "split_by_data"
    label: ClassVar[Any] = gettext_lazy("Split by data")
    is_personal: ClassVar[bool] = False
    required_outlets: ClassVar[tuple[str, ...]] = (OTHERWISE,)
    asks_the_start: ClassVar[bool] = True

    branches: tuple[Branch, ...]

    @classmethod
    def read(cls, fields: Reader, *, id: str, outlets: Mapping[str, str]) -> Self:  # noqa: A002
        return cls(id=id, outlets=outlets, branches=read_branches(fields, Branch.read))

    def write(self) -> dict[str, Any]:
        return {"branches": [branch.write() for branch in self.branches]}

    def must_lead(self) -> tuple[str, ...]:
        return (*(branch.outlet for branch in self.branches), OTHERWISE)

    def decide(self, situation: Situation) -> Outcome:
        if situation.event is None:
            return Continue(OTHERWISE)
        data = situation.event.data
        taken = (branch.outlet for branch in self.branches if matches_where(branch.where, data))
        return Continue(next(taken, OTHERWISE), {"data": {name: data[name] for name in self._names() if name in data}})

    def _names(self) -> list[str]:
        return sorted({test.name for branch in self.branches for test in branch.where})

    def references(self) -> Iterable[Reference]:
        for position, branch in enumerate(self.branches):
            yield from where_references(branch.where, self.id, f"branches.{position}.where")

    def sentence(self, names: References) -> str:
        told = [
            _("%(outlet)s: %(question)s") % {"outlet": branch.outlet, "question": where_words(branch.where, names)}
            for branch in self.branches
        ]
        return _("Choose by the data of the event – %(branches)s") % {"branches": "; ".join(told)}
