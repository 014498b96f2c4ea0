"""Reading dates, clock times and weekdays as graphs write them."""

from __future__ import annotations

import re

from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.windows import EVERY_DAY, MONDAY, SUNDAY


# By their ISO number.
WEEKDAYS = dict(
    enumerate(
        (
            gettext_lazy("Mon"),
            gettext_lazy("Tue"),
            gettext_lazy("Wed"),
            gettext_lazy("Thu"),
            gettext_lazy("Fri"),
            gettext_lazy("Sat"),
            gettext_lazy("Sun"),
        ),
        start=MONDAY,
    )
)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def read_clock(fields: Reader, name: str) -> time:
    """A time of the day, such as 09:30."""
    text = fields.text(name)
    if _CLOCK.match(text):
        return time.fromisoformat(text)
    if text:
        fields.note(name, "not_a_time", _("“%(name)s” must be a time such as 09:30.") % {"name": name})
    return time()


def write_clock(clock: time) -> str:
    return clock.isoformat("minutes")


def read_date(fields: Reader, name: str) -> date:
    """A day, such as 2026-12-24."""
    text = fields.text(name)
    try:
        if _DATE.match(text):
            return date.fromisoformat(text)
    except ValueError:
        # A thirtieth of February: told below, like any other text that is no day.
        pass
    if text:
        fields.note(name, "not_a_date", _("“%(name)s” must be a date such as 2026-12-24.") % {"name": name})
    return date(2000, 1, 1)


def read_weekdays(fields: Reader, name: str) -> frozenset[int]:
    """Weekdays from 1 (Monday) to 7; left out it is all of them."""
    if not fields.has(name):
        return EVERY_DAY
    days = fields.items(name, SUNDAY)
    if not days or not all(_is_weekday(day) for day in days) or len(set(days)) < len(days):
        text = _("“%(name)s” must be a list of weekdays, each once: 1 is Monday, 7 is Sunday.")
        fields.note(name, "not_weekdays", text % {"name": name})
        return EVERY_DAY
    return frozenset(days)


def _is_weekday(day: Any) -> bool:
    return isinstance(day, int) and not isinstance(day, bool) and MONDAY <= day <= SUNDAY
