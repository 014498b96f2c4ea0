"""Enrolling everybody who matches when a scenario is published, beside one statement that inserts the same rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from benchmarks.engine.world import NEWCOMERS, NOW, PASSING, World, empty, people, settle_down, world
from benchmarks.measuring import Pace, Way, rates
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine import starting
from wagtail_flows.scenarios.models import Scenario


PART = "enrolling"
KEY = "everybody"


class NotTheSame(AssertionError):
    """The engine and the statement wrote different rows."""


def measured(size: int) -> Iterator[Pace]:
    with world() as here:
        people(size)
        ours = Way(_started, _nobody)
        rival = Way(lambda: _inserted(here), _nobody)
        compare(here)
        our_rate, rival_rate = rates(ours, rival)
    name = f"{size:,} people start at once"
    yield Pace(PART, name, "1 worker, 1 connection", "enrollments/s", our_rate, rival_rate, "one INSERT … SELECT", 0.3)


def compare(here: World) -> None:
    """Raises NotTheSame unless both ways write the very same."""
    found = []
    for way in (_started, lambda: _inserted(here)):
        _nobody()
        way()
        with connection.cursor() as cursor:
            cursor.execute(WRITTEN)
            found.append(cursor.fetchall())
    if found[0] != found[1]:
        raise NotTheSame(NotTheSame.__doc__)


def _nobody() -> None:
    empty(*PASSING)
    settle_down("enrollment")


def _started() -> int:
    scenario = Scenario.objects.get(name=NEWCOMERS)
    return starting.start(scenario, Contact.objects.order_by("pk").values_list("pk", flat=True).iterator(), KEY)


def _inserted(here: World) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            INSERTED, {"scenario": here.scenario, "version": here.version, "now": NOW, "key": f"manual:{KEY}"}
        )
        return cursor.rowcount


INSERTED = """
INSERT INTO wagtail_flows_enrollment (public_id, trigger_id, entry_key, subject, data, status, step, step_entered_at,
  due_at, visit_count, attempts, error, depth, entered_at, exit_reason, is_cut_short, waits_for_kind, waits_for_match,
  waits_for_property, heard_event_id, contact_id, scenario_id, version_id)
SELECT gen_random_uuid(), 'by_hand', %(key)s, '', '{}', 'active', 'wait', %(now)s, %(now)s, 0, 0, '', 0, %(now)s,
  '', false, '', '{}', '', 0, id, %(scenario)s, %(version)s
FROM wagtail_flows_contact
"""
WRITTEN = """
SELECT contact_id, scenario_id, version_id, trigger_id, entry_key, subject, data, status, step, step_entered_at, due_at,
  visit_count, attempts, error, depth, entered_at, exit_reason, is_cut_short, waits_for_kind, waits_for_match,
  waits_for_property, heard_event_id, trigger_event_id, woken_by_id
FROM wagtail_flows_enrollment ORDER BY contact_id
"""
