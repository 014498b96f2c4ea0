"""Enrolling everybody who matches when a scenario is published, beside one statement that inserts the same rows."""

from __future__ import annotations

import json

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from benchmarks.engine.world import EVENT, LIST, NOW, PASSING, STEPS, empty, people, settle_down, world
from benchmarks.measuring import Pace, Way, rates
from wagtail_flows.engine import carrying_out, sweeping_segments
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.triggers.list import SUBSCRIBED
from wagtail_flows.segments.models import Segment


PART = "enrolling"
SCENARIO, SEGMENT = "Whoever matches", "Readers of English"
ENGLISH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "en"}]}
# Written while one publishes, or to be there before.
WRITTEN_TO = (*PASSING, "publication", "segmentsweep")


class NotTheSame(AssertionError):
    """The engine and the statement wrote different rows."""


@dataclass(frozen=True)
class Matches:
    """Whom a trigger would have brought in already. `columns` and `found`: the key, subject, data and event of each
    for the statement beside it, and where they are from.
    """

    name: str
    trigger: dict[str, Any]
    columns: str
    found: str
    before: Callable[[], object] = lambda: None


def measured(size: int) -> Iterator[Pace]:
    with world():
        people(size)
        for matches in _all_kinds():
            with _published(matches) as scenario:
                ours = Way(_carried_out, lambda: _anew(scenario, matches))  # noqa: B023  (called before the next)
                rival = Way(lambda: _inserted(scenario, matches), lambda: _anew(scenario, matches))  # noqa: B023
                compare(ours, rival)
                our_rate, rival_rate = rates(ours, rival)
            name = f"{size:,} {matches.name} come in with one publishing"
            yield Pace(
                PART, name, "1 worker, 1 connection", "enrollments/s", our_rate, rival_rate, "one INSERT … SELECT", 0.3
            )


def compare(*ways: Way) -> None:
    """Raises NotTheSame unless both ways write the very same."""
    found = []
    for way in ways:
        way.before()
        way.work()
        with connection.cursor() as cursor:
            cursor.execute(WRITTEN)
            found.append(cursor.fetchall())
    if not found[0] or found[0] != found[1]:
        raise NotTheSame(NotTheSame.__doc__)


def _all_kinds() -> Iterator[Matches]:
    segment, _is_new = Segment.objects.get_or_create(name=SEGMENT, defaults={"rule": ENGLISH})
    everybody = f"segment:{segment.public_id}"
    yield Matches(
        "members of a segment",
        {"kind": "segment_entered", "segment": str(segment.public_id)},
        f"'once', '{everybody}', '{{}}'::jsonb, NULL::bigint",
        "wagtail_flows_contact",
        # The runner looks at segments before it brings in who matches.
        lambda: sweeping_segments.sweep(NOW),
    )
    yield Matches(
        "subscribers of a list",
        {"kind": "list", "lists": [str(LIST)]},
        "subject, subject, data, event_id",
        EVENTS,
        lambda: _happened(SUBSCRIBED, f"'list:{LIST}'", {"list": str(LIST)}),
    )
    yield Matches(
        "orders of the past",
        {"kind": "event", "event": EVENT, "reentry": "once_per_subject"},
        "subject, subject, data, event_id",
        EVENTS,
        lambda: _happened(EVENT, "'order:' || id", {"total": "90.00", "currency": "EUR"}),
    )


@contextmanager
def _published(matches: Matches) -> Iterator[Scenario]:
    """The scenario, live with this trigger inside of the block."""
    scenario = Scenario.objects.filter(name=SCENARIO).first() or Scenario(name=SCENARIO, live=False)
    scenario.graph = {
        "triggers": [{"id": "matching", **matches.trigger}], "exits": [], "start": "wait", "steps": STEPS,
    }  # fmt: skip
    scenario.save()
    try:
        _publish(scenario)
        yield scenario
    finally:
        scenario.unpublish()


def _publish(scenario: Scenario) -> None:
    scenario.plan = {"start_with": "also_matching"}
    scenario.save_revision().publish()
    scenario.refresh_from_db()


def _anew(scenario: Scenario, matches: Matches) -> None:
    """Published, and nobody has come in: that is the runner's work."""
    empty(*WRITTEN_TO)
    _publish(scenario)
    matches.before()
    settle_down("enrollment", "event", "seenmember")


def _happened(kind: str, subject: str, data: dict[str, str]) -> None:
    """To everybody, and matched long ago. `subject`: SQL."""
    with connection.cursor() as cursor:
        cursor.execute(HAPPENED.format(subject=subject), {"kind": kind, "data": json.dumps(data), "now": NOW})


def _carried_out() -> int:
    carrying_out.carry_out(NOW)
    return Enrollment.objects.count()


def _inserted(scenario: Scenario, matches: Matches) -> int:
    values = {"scenario": scenario.pk, "version": scenario.current_version_id, "now": NOW}
    with connection.cursor() as cursor:
        cursor.execute(INSERTED.format(columns=matches.columns, found=matches.found), values)
        return cursor.rowcount


EVENTS = "(SELECT contact_id AS id, subject, data, id AS event_id FROM wagtail_flows_event) AS happened"
HAPPENED = """
INSERT INTO wagtail_flows_event (id, kind, source, dedupe_key, contact_id, subject, data, occurred_at, recorded_at,
  matched_at, depth)
SELECT id, %(kind)s, 'somewhere', id, id, {subject}, %(data)s, %(now)s, %(now)s, %(now)s, 0
FROM wagtail_flows_contact ORDER BY id
"""
INSERTED = """
INSERT INTO wagtail_flows_enrollment (public_id, contact_id, entry_key, subject, data, trigger_event_id, trigger_id,
  status, step, step_entered_at, due_at, visit_count, attempts, error, depth, entered_at, exit_reason, is_cut_short,
  waits_for_kind, waits_for_match, waits_for_property, heard_event_id, scenario_id, version_id)
SELECT gen_random_uuid(), id, {columns}, 'matching', 'active', 'wait', %(now)s, %(now)s, 0, 0, '', 0, %(now)s, '',
  false, '', '{{}}', '', 0, %(scenario)s, %(version)s
FROM {found}
"""
WRITTEN = """
SELECT contact_id, scenario_id, version_id, trigger_id, entry_key, subject, data, status, step, step_entered_at, due_at,
  visit_count, attempts, error, depth, entered_at, exit_reason, is_cut_short, waits_for_kind, waits_for_match,
  waits_for_property, heard_event_id, trigger_event_id, woken_by_id, ended_at, reenter_after, kept_until
FROM wagtail_flows_enrollment ORDER BY contact_id
"""
