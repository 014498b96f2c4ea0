"""The SQL of a rule, kept for the next batch.

Making a condition of a rule and SQL of that takes about as long as PostgreSQL takes to answer for a thousand people,
and says the same all day: only the ids differ. So it is made once, with one id that stands for those of a batch.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.among import Told, among, told
from wagtail_flows.segments.compiling import Scope, Steady, compile_rule
from wagtail_flows.segments.rules import Rule, clauses


MOST_KEPT = 256
# Stands for the ids of a batch where the SQL is made.
SOMEBODY = (0,)


@dataclass(frozen=True, slots=True)
class _Question:
    """What the SQL hangs on; `scope` is only what it is made in the first time."""

    rule: Rule
    known: tuple[Hashable, ...]
    day: date
    zone: str
    vendor: str
    scope: Scope = field(compare=False, repr=False)


def asked(rule: Rule, scope: Scope) -> set[int] | None:
    """Which of the contacts `scope.ids` the rule holds for; None where its SQL can't be kept, so that it must be
    compiled each time. Raises as compiling does.
    """
    question = _question(rule, scope)
    if question is None:
        return None
    sql, values = _compiled(question)
    if not sql or not scope.ids:
        return set()
    theirs = told(scope.ids, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [theirs if isinstance(value, Told) else value for value in values])
        return {contact_id for (contact_id,) in cursor.fetchall()}


def _question(rule: Rule, scope: Scope) -> _Question | None:
    """None: some source asks more than the day, or this database isn't told the ids as one value."""
    if told(SOMEBODY, connection.vendor) is None:
        return None
    known: list[Hashable] = []
    for clause in clauses(rule):
        _field, source = scope.answers[clause.field]
        if not isinstance(source, Steady):
            return None
        known.append(source.hangs_on(clause, scope))
    today = scope.now.astimezone(scope.zone).date()
    return _Question(rule, tuple(known), today, scope.zone.key, connection.vendor, replace(scope, ids=SOMEBODY))


@lru_cache(maxsize=MOST_KEPT)
def _compiled(question: _Question) -> tuple[str, tuple[Any, ...]]:
    """The query of ids with its values; "" when it is known to find nobody."""
    condition = compile_rule(question.rule, question.scope)
    found = Contact.objects.filter(condition, among("pk", SOMEBODY)).order_by().values_list("pk", flat=True)
    try:
        sql, values = found.query.sql_with_params()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(values)
