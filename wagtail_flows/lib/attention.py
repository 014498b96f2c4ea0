"""What needs attention: rooms register finders, and the doctor, a page of the admin and monitors ask them all."""

from __future__ import annotations

import logging

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Model, QuerySet
from django.utils.formats import localize
from django.utils.translation import gettext as _

from wagtail_flows.lib.time_budget import TookTooLong, within


log = logging.getLogger(__name__)

# A finder that asks the database for longer is given up: whoever asks waits in front of a page.
LONGEST_SECONDS = 3.0
# Counting goes on up to here: whether there are a thousand or a million, what to do is the same.
MOST_COUNTED = 1000


class Severity(StrEnum):
    """Broken: something stands still. Warning: somebody should look soon. Note: worth knowing, nothing is wrong."""

    BROKEN = "broken"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that needs attention. `code` is stable, such as `enrollments.parked`.

    `text` says what is so and `advice` what to do, each a sentence in the active language; `url` leads to where it is
    done ("" nowhere). `count` is how many it is about (None: unknown, or it isn't about a number), MOST_COUNTED stands
    for that many or more; `since` when it began, aware. Only who may see `about` is shown it (None: everybody who may
    open the page).
    """

    code: str
    severity: Severity
    text: str
    advice: str
    count: int | None = None
    since: datetime | None = None
    url: str = ""
    about: type[Model] | None = None


Finder = Callable[[datetime], Iterable[Finding]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Ask `finder(now)` too, which asks few and indexed questions. Registering it again changes nothing."""
    if finder not in _finders:
        _finders.append(finder)


def findings(now: datetime) -> list[Finding]:
    """All that needs attention at `now`, the worst first. A finder that fails is a finding itself; only a database that
    is away raises.
    """
    found = [finding for finder in _finders for finding in _found(finder, now)]
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def _found(finder: Finder, now: datetime) -> Iterator[Finding]:
    name = f"{finder.__module__}.{finder.__qualname__}"
    try:
        with within(LONGEST_SECONDS):
            found = list(finder(now))
    except TookTooLong:
        text = _("Looking for what needs attention took too long: %(name)s") % {"name": name}
        advice = _("Look whether the database is busy, or its statistics are old (ANALYZE).")
        yield Finding("finder.slow", Severity.WARNING, text, advice)
    except Exception:
        log.exception("%s could not look.", name)
        text = _("It could not be looked for what needs attention: %(name)s") % {"name": name}
        yield Finding("finder.failed", Severity.WARNING, text, _("The log of the site tells why."))
    else:
        yield from found


def count_some(rows: QuerySet[Model]) -> int:
    """How many rows there are, counted up to MOST_COUNTED."""
    return rows.order_by()[:MOST_COUNTED].count()


def in_words(count: int) -> str:
    """A number that `count_some` gave, as people read it."""
    number = str(localize(count))
    return _("%(number)s or more") % {"number": number} if count >= MOST_COUNTED else number
