"""Re-entry: how often one contact may come in by a trigger.

The rule ends in a key. (scenario, contact, key) is unique in the database, so two runners that decide alike at the same
moment let the contact in once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_flows.scenarios.dates import days_later
from wagtail_flows.scenarios.reading import Reader


class Often(StrEnum):
    """Once ever; once for each subject (an order, a list); at every occasion; again, but only after having left."""

    ONCE = "once"
    ONCE_PER_SUBJECT = "once_per_subject"
    EVERY_TIME = "every_time"
    AFTER_LEAVING = "after_leaving"


@dataclass(frozen=True)
class NotSoonerThan:
    """At least so many calendar days after the last time the contact came in."""

    days: int


Reentry = Often | NotSoonerThan
MAX_DAYS = 3_650


@dataclass(frozen=True)
class Past:
    """What there was between this contact and this scenario: the last enrollment by its number (0: none), when the
    contact last came in, and whether they are inside. `now` is aware, `zone` the contact's.
    """

    now: datetime
    last_id: int = 0
    last_entered_at: datetime | None = None
    is_inside: bool = False
    zone: tzinfo = UTC


def entry_key(reentry: Reentry, subject: str, occasion: str, past: Past) -> str | None:
    """The key of an entry about `subject` at this `occasion` (which tells two of them apart); None: not now.

    Rules that look at the last time count from it: whoever sees the same last time makes the same key. No subject
    counts as one and the same subject.
    """
    match reentry:
        case Often.ONCE:
            return "once"
        case Often.ONCE_PER_SUBJECT:
            return subject or "once"
        case Often.EVERY_TIME:
            return occasion
        case Often.AFTER_LEAVING:
            return None if past.is_inside else f"after:{past.last_id}"
        case NotSoonerThan(days):
            return f"after:{past.last_id}" if _is_long_ago(days, past) else None
        case _:
            assert_never(reentry)


def _is_long_ago(days: int, past: Past) -> bool:
    return past.last_entered_at is None or days_later(past.last_entered_at, days, past.zone) <= past.now


def looks_back(reentry: Reentry) -> bool:
    """Whether the rule needs to know the past."""
    return isinstance(reentry, NotSoonerThan) or reentry is Often.AFTER_LEAVING


def read_reentry(fields: Reader, default: Often | None = None) -> Reentry:
    """The field `reentry`; with a `default` it may be left out."""
    if isinstance(fields.data.get("reentry"), Mapping):
        part = fields.part("reentry")
        if part is None:
            return Often.ONCE
        rule = NotSoonerThan(part.integer("not_sooner_than_days", minimum=1, maximum=MAX_DAYS))
        part.close()
        return rule
    choices = [*Often, '{"not_sooner_than_days": …}']
    named = fields.choice("reentry", choices, default=default)
    return Often(named) if named in list(Often) else Often.ONCE


def write_reentry(reentry: Reentry) -> Any:
    """The JSON of a rule."""
    return {"not_sooner_than_days": reentry.days} if isinstance(reentry, NotSoonerThan) else reentry.value


def with_reentry(sentence: str, reentry: Reentry) -> str:
    """A sentence about what starts it, with how often."""
    values: dict[str, Any] = {"sentence": sentence}
    match reentry:
        case Often.ONCE:
            return _("%(sentence)s, the first time only") % values
        case Often.ONCE_PER_SUBJECT:
            return _("%(sentence)s, once for each subject") % values
        case Often.EVERY_TIME:
            return _("%(sentence)s, every time") % values
        case Often.AFTER_LEAVING:
            return _("%(sentence)s, again after having left") % values
        case NotSoonerThan(days):
            text = ngettext(
                "%(sentence)s, not sooner than %(days)d day after the last time",
                "%(sentence)s, not sooner than %(days)d days after the last time",
                days,
            )
            return text % {**values, "days": days}
        case _:
            assert_never(reentry)
