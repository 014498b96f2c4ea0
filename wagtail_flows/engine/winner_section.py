"""What the page of a scenario shows about its random splits: who won, or why nobody has yet, with the numbers seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from wagtail.admin.ui.tables import Column, Table

from wagtail_flows.engine.deciding_winners import due_at
from wagtail_flows.engine.live_splits import LiveSplit, live_splits
from wagtail_flows.engine.models import SplitWinner
from wagtail_flows.lib.admin_columns import BUSY, GOOD, QUIET, MomentColumn, StatusColumn
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.winners import By, Doubt, by_words


WON, OPEN, PAST = "won", "open", "past"
TONES = {WON: GOOD, OPEN: BUSY, PAST: QUIET}
STATES = {
    WON: pgettext_lazy("random split", "decided"),
    OPEN: pgettext_lazy("random split", "open"),
    PAST: pgettext_lazy("random split", "earlier"),
}
DOUBTS = {
    Doubt.TOO_FEW: gettext_lazy("None yet, too few people: the weights hold."),
    Doubt.TIE: gettext_lazy("None yet, a tie: the weights hold."),
}


@dataclass(frozen=True)
class Row:
    """One split. `split` None: it isn't drawn like that any more; `stored` None: nobody has looked yet."""

    split: LiveSplit | None
    stored: SplitWinner | None

    @property
    def step(self) -> str:
        return self.split.step.id if self.split else self.stored.step if self.stored else ""

    @property
    def state(self) -> str:
        if self.split is None:
            return PAST
        return WON if self.stored and self.stored.outlet else OPEN

    def get_state_display(self) -> str:
        return str(STATES[self.state])

    @property
    def winner(self) -> str:
        if self.stored is None:
            return _("Not looked for yet: the weights hold.")
        if not self.stored.outlet:
            return str(DOUBTS[Doubt(self.stored.doubt)])
        text = _("%(outlet)s (as it was drawn earlier)") if self.split is None else "%(outlet)s"
        return text % {"outlet": self.stored.outlet}

    @property
    def looked_at(self) -> datetime | None:
        return self.stored.looked_at if self.stored else None

    @property
    def next_look_at(self) -> datetime | None:
        return due_at(self.split, self.stored) if self.split else None


def winners_of(scenario: Scenario, request: HttpRequest) -> Section | None:
    """Its random splits that look for a winner; nothing where there are none."""
    rows = list(_rows(scenario))
    if not rows:
        return None
    columns = [
        Column("step", label=_("Step")),
        StatusColumn("state", TONES, label=_("Status")),
        Column("winner", label=_("Winner")),
        Column("numbers", label=_("Seen"), accessor=_numbers),
        MomentColumn("looked_at", label=_("Looked at")),
        MomentColumn("next_look_at", label=_("Looked at next")),
    ]
    body = Table(columns, rows, classname="listing flows-table")
    return Section("winners", _("Random splits"), "flows", "", body, len(rows))


def _rows(scenario: Scenario) -> Iterator[Row]:
    stored = {row.fingerprint: row for row in scenario.split_winners.order_by("-looked_at", "-pk")}
    for split in live_splits(scenario.pk):
        yield Row(split, stored.pop(split.step.fingerprint, None))
    for row in stored.values():
        if row.outlet:
            yield Row(None, row)


def _numbers(row: Row) -> SafeString | str:
    if row.stored is None:
        return "–"
    numbers = row.stored.numbers
    by = By(numbers["by"])
    lines = [(_branch(by, one, numbers),) for one in numbers["branches"]]
    if numbers.get("others"):
        text = ngettext(
            "left out: %(count)d order in another currency",
            "left out: %(count)d orders in other currencies",
            numbers["others"],
        )
        lines.append((text % {"count": numbers["others"]},))
    return format_html("{}<br>{}", by_words(by), format_html_join(SafeString("<br>"), "{}", lines))


def _branch(by: By, branch: Mapping[str, Any], numbers: Mapping[str, Any]) -> str:
    people, score = branch["people"], Decimal(branch["score"])
    each = score / people if people else Decimal(0)
    values = {"outlet": branch["outlet"], "people": people, "score": number_format(score)}
    if by is By.REVENUE:
        money = {"each": number_format(round(each, 2)), "currency": numbers.get("currency", "")}
        text = _("%(outlet)s: %(score)s %(currency)s of %(people)s people, %(each)s %(currency)s each")
        return text % {**values, **money}
    return _("%(outlet)s: %(score)s of %(people)s people, %(percent)s %%") % {
        **values,
        "percent": number_format(round(100 * each, 1)),
    }
