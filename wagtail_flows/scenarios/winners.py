"""The winner of a random split: by what it is found, when one looks for it, and who it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_flows.scenarios.date_fields import read_clock, read_date, write_clock
from wagtail_flows.scenarios.dates import at_clock, days_from
from wagtail_flows.scenarios.durations import Duration, Unit
from wagtail_flows.scenarios.reading import Reader


MOST_PEOPLE = 1_000_000
MOST_DAYS = 90
USUAL_DAYS = 7


class By(StrEnum):
    OPENS = "opens"
    CLICKS = "clicks"
    GOAL = "goal"
    REVENUE = "revenue"


class Doubt(StrEnum):
    """Why there is no winner: a branch has seen fewer people than asked for, or two are best alike."""

    TOO_FEW = "too_few"
    TIE = "tie"


@dataclass(frozen=True)
class WinnerRule:
    """The branch that does best `by` this, for each of its people, wins; `sample` people must have taken each branch.

    It is looked for at a day and time on the clock of the site (`day`, `at`), else `after` the split was published as
    it is. `within_days`: orders count for so many days after the split; of REVENUE only.
    """

    by: By
    sample: int
    after: Duration | None = None
    day: date | None = None
    at: time = time()
    within_days: int = USUAL_DAYS

    @classmethod
    def read(cls, fields: Reader) -> WinnerRule:
        by = By(fields.choice("by", list(By)))
        sample = fields.integer("sample", minimum=1, maximum=MOST_PEOPLE)
        has_days = by is By.REVENUE and fields.has("within_days")
        days = fields.integer("within_days", minimum=1, maximum=MOST_DAYS) if has_days else USUAL_DAYS
        if fields.has("date"):
            if fields.has("after"):
                fields.note("after", "two_dates", _("Give a date or a time after publishing, not both: remove one."))
            return cls(by, sample, day=read_date(fields, "date"), at=read_clock(fields, "at"), within_days=days)
        after = fields.part("after")
        if after is None:
            if not fields.has("after"):
                fields.note("after", "missing", _("Say when to look: a “date”, or so long “after” publishing."))
            return cls(by, sample, within_days=days)
        duration = Duration.read(after)
        after.close()
        return cls(by, sample, after=duration, within_days=days)

    def write(self) -> dict[str, Any]:
        days = {"within_days": self.within_days} if self.by is By.REVENUE else {}
        when: dict[str, Any] = {"after": self.after.write()} if self.after is not None else {}
        if self.day is not None:
            when = {"date": self.day.isoformat(), "at": write_clock(self.at)}
        return {"by": self.by.value, "sample": self.sample, **when, **days}

    def due_at(self, published_at: datetime, zone: tzinfo) -> datetime:
        """When to look first, in UTC. `published_at` (aware): when the split was first published as it is."""
        if self.day is not None:
            return at_clock(days_from(self.day, 0), self.at, zone)
        return (self.after or Duration(0, Unit.HOURS)).after(published_at, zone)

    def words(self) -> str:
        """The end of a sentence about a split."""
        best = {"by": by_words(self.by), "when": self._when(), "count": self.sample}
        text = ngettext(
            "%(when)s, the branch with %(by)s wins, once each has seen %(count)d person",
            "%(when)s, the branch with %(by)s wins, once each has seen %(count)d people",
            self.sample,
        )
        return text % best

    def _when(self) -> str:
        if self.day is not None:
            return _("from %(date)s, %(time)s") % {"date": self.day.isoformat(), "time": write_clock(self.at)}
        return _("%(duration)s after publishing") % {"duration": self.after.words() if self.after else ""}


def by_words(by: By) -> str:
    """What a winner has most of."""
    match by:
        case By.OPENS:
            return _("the most opens")
        case By.CLICKS:
            return _("the most clicks")
        case By.GOAL:
            return _("the most goals reached")
        case By.REVENUE:
            return _("the most revenue")
        case _:
            assert_never(by)


@dataclass(frozen=True)
class Tally:
    """What a branch has come to: `people` took it, and `score` of them opened (clicked, reached a goal), or it is what
    they spent.
    """

    outlet: str
    people: int
    score: Decimal


def judge(tallies: Sequence[Tally], sample: int) -> str | Doubt:
    """The outlet of the winner, compared exactly by score for each person; or why there is none."""
    if not tallies or any(tally.people < max(sample, 1) for tally in tallies):
        return Doubt.TOO_FEW
    shares = {tally.outlet: Fraction(tally.score) / tally.people for tally in tallies}
    best = [outlet for outlet, share in shares.items() if share == max(shares.values())]
    return best[0] if len(best) == 1 else Doubt.TIE
