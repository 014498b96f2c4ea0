"""The database the engine is measured on: people, a list, an e-mail, a scenario; made by SQL, so that a million people
take a minute.
"""

from __future__ import annotations

import uuid

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from wagtail.models import Locale, Site

from benchmarks.databases import made_ready, reached, using
from benchmarks.engine.world_name import DATABASE
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.lib import clock
from wagtail_flows.models import Message, Scenario


# The scenario is published then, and everybody's first step is due at once.
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENT = "order.placed"
LIST, MESSAGE = uuid.UUID(int=1), uuid.UUID(int=2)
WORDS = "A new collection has arrived, and you are among the first to see it. "
BODY = [
    ("heading", "Hello {{ contact.first_name }}"),
    ("text", f"<p>{WORDS * 4}</p><p>{WORDS * 6}</p><ul><li>Blue</li><li>Green</li><li>Red</li></ul>"),
    ("button", {"label": "See it, {{ contact.first_name }}", "url": "https://www.example.org/new/"}),
    ("text", f"<p>{WORDS * 5}</p><p>With kind regards, <strong>the atelier</strong></p>"),
]
READS = {"field": "list.subscribed", "operator": "in_any_of", "value": [str(LIST)]}
STEPS = [
    {"id": "wait", "kind": "wait", "amount": 1, "unit": "hours", "after": "entry", "outlets": {"next": "condition"}},
    {
        "id": "condition",
        "kind": "condition",
        "branches": [{"outlet": "reads", "rule": {"match": "all", "rules": [READS]}}],
        "outlets": {"reads": "send", "else": "leave"},
    },
    {"id": "send", "kind": "send_email", "message": str(MESSAGE), "list": str(LIST), "outlets": {"next": "wait_again"}},
    {"id": "wait_again", "kind": "wait", "amount": 2, "unit": "days", "after": "entry", "outlets": {"next": "leave"}},
    {"id": "leave", "kind": "exit", "reason": "done", "reenter": "at_once"},
]
GRAPH = {
    "triggers": [{"id": "by_hand", "kind": "manual", "reentry": "every_time"}],
    "exits": [],
    "start": "wait",
    "steps": STEPS,
}
# Who orders is sent an e-mail at once.
ANSWERS = {
    "triggers": [{"id": "placed", "kind": "event", "event": EVENT, "reentry": "every_time"}],
    "exits": [],
    "start": "send",
    "steps": [{**STEPS[2], "outlets": {"next": "leave"}}, STEPS[-1]],
}
NEWCOMERS, ANSWER = "Newcomers", "Answer"
# What is emptied before each round. Scenario, list and e-mail stay.
PASSING = ("delivery", "visit", "enrollment", "refusedentry", "event")


@dataclass(frozen=True)
class World:
    """What the statements below name."""

    scenario: int
    version: int
    mailing_list: int


@contextmanager
def world(*, at: datetime | None = NOW) -> Iterator[World]:
    """Let the default connection be one to the engine's database, without anybody in it; the clock stands `at`, None
    for the real one.
    """
    made_ready(DATABASE, furnish, [Path(__file__)])
    with reached(DATABASE) as other, using(other), nullcontext() if at is None else clock.moved(at):
        empty("contact", "receivedwebhook", *PASSING)
        yield known()


def waiting(number: int) -> str:
    """The name of a database with so many people who wait for a month to pass. It is kept: it takes a while."""
    name = f"{DATABASE}_{number}"

    def fill() -> None:
        furnish()
        people(number)
        enrolled(known(), 1, number, NOW + timedelta(days=30))
        settle_down("enrollment")

    made_ready(name, fill, [Path(__file__)])
    return name


def known() -> World:
    """Of the connected database."""
    scenario = Scenario.objects.get(name=NEWCOMERS)
    return World(scenario.pk, scenario.current_version_id, MailingList.objects.get().pk)


def furnish() -> None:
    """Tables, a list, an e-mail and two scenarios."""
    call_command("migrate", verbosity=0)
    Site.objects.update(hostname="www.example.org", site_name="Atelier")
    with clock.moved(NOW - timedelta(days=1)):
        MailingList.objects.create(public_id=LIST, name="Newsletter", public_name="Newsletter")
        letter = {"subject": "News for {{ contact.first_name }}", "basis": "subscription", "body": BODY}
        message = Message(translation_key=MESSAGE, name="News", locale=Locale.objects.get(language_code="en"), **letter)
        message.save()
        message.save_revision().publish()
        for name, graph in ((NEWCOMERS, GRAPH), (ANSWER, ANSWERS)):
            scenario = Scenario(name=name, graph=graph, live=False)
            scenario.save()
            scenario.save_revision().publish()


def empty(*tables: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(f"wagtail_flows_{table}" for table in tables) + " CASCADE")


def settle_down(*tables: str) -> None:
    """What autovacuum would do in the first minutes: else a measurement would hang on when it happens to come."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) " + ", ".join(f"wagtail_flows_{table}" for table in tables))


def people(number: int) -> None:
    """So many contacts, with the ids 1 to `number`, each subscribed to the list."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"number": number, "now": NOW})
        cursor.execute(SUBSCRIBED, {"now": NOW, "list": MailingList.objects.get().pk})
    settle_down("contact", "subscription")


PEOPLE = """
INSERT INTO wagtail_flows_contact (id, public_id, address, key, key_hash, first_name, last_name, locale, time_zone,
  is_never_asked_for_review, created_at, updated_at, domain, first_name_folded, last_name_folded, locale_folded,
  time_zone_folded)
SELECT n, gen_random_uuid(), 'someone.' || n || '@example.org', 'someone.' || n || '@example.org',
  encode(sha256(('someone.' || n || '@example.org')::bytea), 'hex'), 'Zoe', 'Smith', 'en', 'Europe/Paris', false,
  %(now)s, %(now)s, 'example.org', 'zoe', 'smith', 'en', 'europe/paris'
FROM generate_series(1, %(number)s) AS n
"""
SUBSCRIBED = """
INSERT INTO wagtail_flows_subscription (public_id, status, round, requested_at, confirmed_at, contact_id,
  mailing_list_id)
SELECT gen_random_uuid(), 'subscribed', 1, %(now)s, %(now)s, id, %(list)s FROM wagtail_flows_contact
"""


def enrolled(here: World, first: int, last: int, due_at: datetime, *, are_alike: bool = True) -> None:
    """Enroll the contacts with these ids: they stand at the first wait, which began an hour before it is due; for each
    a microsecond earlier than for the one before, unless they `are_alike`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ENROLLED,
            {"scenario": here.scenario, "version": here.version, "first": first, "last": last, "due": due_at,
             "entered": due_at - timedelta(hours=1), "apart": 0 if are_alike else 1},
        )  # fmt: skip


ENROLLED = """
INSERT INTO wagtail_flows_enrollment (public_id, trigger_id, entry_key, subject, data, status, step, step_entered_at,
  due_at, visit_count, attempts, error, depth, entered_at, exit_reason, is_cut_short, waits_for_kind, waits_for_match,
  waits_for_property, heard_event_id, contact_id, scenario_id, version_id)
SELECT gen_random_uuid(), 'by_hand', 'once', '', '{}', 'active', 'wait',
  %(entered)s - %(apart)s * id * interval '1 microsecond', %(due)s, 0, 0, '', 0,
  %(entered)s - %(apart)s * id * interval '1 microsecond', '', false, '', '{}', '', 0, id, %(scenario)s, %(version)s
FROM wagtail_flows_contact WHERE id BETWEEN %(first)s AND %(last)s
"""
