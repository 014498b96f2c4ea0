"""Operators on columns: what each positive operator means as a Q. Every one is true or false, never unknown."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import ExtractDay, ExtractMonth
from django.db.models.lookups import Range

from wagtail_flows.lib.text import fold
from wagtail_flows.segments.compiling import NOBODY, Scope
from wagtail_flows.segments.rules import Clause


def text(clause: Clause, column: str) -> Q:
    """Text in a folded column; blank and null both count as not known."""
    value = clause.value
    match clause.operator:
        case "is":
            return Q(**{column: fold(str(value))})
        case "is_one_of":
            return Q(**{f"{column}__in": sorted({fold(item) for item in clause.chosen()})})
        case "contains":
            return Q(**{f"{column}__contains": fold(str(value))})
        case "starts_with":
            return Q(**{f"{column}__startswith": fold(str(value))})
        case "ends_with":
            return Q(**{f"{column}__endswith": fold(str(value))})
        case "is_set":
            return Q(**{f"{column}__gt": ""})
    raise LookupError(clause.operator)


_NUMBERS = {"equals": "exact", "more_than": "gt", "at_least": "gte", "less_than": "lt", "at_most": "lte"}


def number(operator: str, value: Any, column: str) -> Q:
    """A number, a count or a sum, compared exactly."""
    if operator == "between":
        return Q(**{f"{column}__gte": value[0], f"{column}__lte": value[1]})
    if operator == "is_set":
        return Q(**{f"{column}__isnull": False})
    return Q(**{f"{column}__{_NUMBERS[operator]}": value})


def holds_for(operator: str, value: Any, amount: int | Decimal) -> bool:
    """The same comparison on a number that is known already; asked for nought, to know whether who has no row is
    meant.
    """
    match operator:
        case "at_least_once":
            return amount >= 1
        case "equals":
            return bool(amount == value)
        case "more_than":
            return bool(amount > value)
        case "at_least":
            return bool(amount >= value)
        case "less_than":
            return bool(amount < value)
        case "at_most":
            return bool(amount <= value)
        case "between":
            return bool(value[0] <= amount <= value[1])
    raise LookupError(operator)


def boolean(clause: Clause, column: str) -> Q:
    if clause.operator == "is_set":
        return Q(**{f"{column}__isnull": False})
    return Q(**{column: clause.operator == "is_true"})


def days(clause: Clause, today: date) -> tuple[date | None, date | None]:
    """The first and the last day that a calendar operator means (None: open). `today` is that of the site's zone."""
    value = clause.value
    match clause.operator, value:
        case "on", date():
            return value, value
        case "before", date():
            return None, _shifted(value, -1)
        case "after", date():
            return _shifted(value, 1), None
        case "between", (date() as first, date() as last):
            return first, last
        case "in_last_days", int():
            return today - timedelta(days=value), today
        case "in_next_days", int():
            return today, today + timedelta(days=value)
        case "more_than_days_ago", int():
            return None, today - timedelta(days=value + 1)
    raise LookupError(clause.operator)


def _shifted(day: date, by: int) -> date:
    """The day before or after, kept inside the calendar that Python and PostgreSQL share."""
    return date.fromordinal(min(max(day.toordinal() + by, date.min.toordinal()), date.max.toordinal()))


def calendar_date(clause: Clause, column: str, scope: Scope) -> Q:
    """A column of days."""
    today = scope.now.astimezone(scope.zone).date()
    match clause.operator:
        case "is_set":
            return Q(**{f"{column}__isnull": False})
        case "month_is":
            return Q(**{f"{column}__month": clause.value})
        case "month_is_this":
            return Q(**{f"{column}__month": today.month})
        case "anniversary_in_next_days":
            return Q(**{f"{column}__isnull": False}) & anniversary(column, today, int(clause.value))  # type: ignore[arg-type]
    first, last = days(clause, today)
    return _bounded(column, first, last, inclusive=True)


def moment(clause: Clause, column: str, scope: Scope) -> Q:
    """A column of moments, asked by days of the site's zone: a day begins at its midnight there."""
    if clause.operator == "is_set":
        return Q(**{f"{column}__isnull": False})
    first, last = days(clause, scope.now.astimezone(scope.zone).date())
    start = None if first is None else _midnight(first, scope)
    end = None if last is None or last == date.max else _midnight(last + timedelta(days=1), scope)
    return _bounded(column, start, end, inclusive=False)


# Nobody was known before or is after; further out a moment of one zone has no name in another.
_FIRST_DAY, _LAST_DAY = date(1, 1, 3), date(9999, 12, 29)


def _midnight(day: date, scope: Scope) -> datetime:
    return datetime.combine(min(max(day, _FIRST_DAY), _LAST_DAY), time.min, tzinfo=scope.zone)


def _bounded(column: str, first: date | None, last: date | None, *, inclusive: bool) -> Q:
    bounds = Q(**{f"{column}__isnull": False})
    if first is not None:
        bounds &= Q(**{f"{column}__gte": first})
    if last is not None:
        bounds &= Q(**{f"{column}__{'lte' if inclusive else 'lt'}": last})
    return bounds


def anniversary(column: str, today: date, within: int) -> Q:
    """Whose day comes round from today to `within` days on. Who was born on 29 February has it on the 28th in common
    years.
    """
    if within >= 365:
        return Q(**{f"{column}__isnull": False})
    month_day = ExtractMonth(F(column)) * 100 + ExtractDay(F(column))
    condition = NOBODY
    for first, last in _month_day_ranges(today, today + timedelta(days=within)):
        condition |= Q(Range(month_day, (first, last)))
    return condition


def _month_day_ranges(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Inclusive ranges of month × 100 + day; 29 February is 229."""
    start, end = first.month * 100 + first.day, last.month * 100 + last.day
    if end == 228 and not isleap(last.year):
        end = 229
    if first.year == last.year:
        yield start, end
    else:
        yield start, 1231
        yield 101, end
