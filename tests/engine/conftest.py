"""People, e-mails and published scenarios, as the engine's tests need them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.drawing import key, scenario
from wagtail_flows.contacts.models import Contact, MailingList
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.engine import advancing, enrolling
from wagtail_flows.events.models import Event
from wagtail_flows.events.recording import NewEvent, record
from wagtail_flows.lib import clock
from wagtail_flows.models import Message, Scenario


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_numbers = count(1)


class Story:
    """A published scenario, its time and its people. Time stands still until `later` moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def later(self, **amount: float) -> None:
        """Move the time on and let the engine do what has fallen due."""
        self.now += timedelta(**amount)
        self.run()

    def run(self) -> None:
        """Match and advance until nothing is left."""
        with clock.moved(self.now):
            while enrolling.match_events(self.now) + advancing.advance(self.now):
                pass

    def queries_of_advancing(self) -> int:
        """How many it takes to advance everybody who is due once, what has happened being matched before."""
        with clock.moved(self.now):
            enrolling.match_events(self.now)
            with CaptureQueriesContext(connection) as queries:
                advancing.advance(self.now)
        return len(queries)

    def contact(self, name: str = "alice", **fields: object) -> Contact:
        contact = get_or_create_contact(f"{name}@example.org", now=self.now)
        for field, value in fields.items():
            setattr(contact, field, value)
        contact.save()
        return contact

    def publish(self, drawing: str, **fields: object) -> Scenario:
        """Publish a new scenario; events recorded from now on may start it."""
        return self.publish_graph(scenario(drawing), **fields)

    def publish_graph(self, graph: dict[str, Any], **fields: object) -> Scenario:
        """The same for what can't be drawn in a line."""
        with clock.moved(self.now):
            made = Scenario(name="Story", graph=graph, live=False, **fields)
            made.save()
            made.save_revision().publish()
        made.refresh_from_db()
        self.now += timedelta(seconds=1)
        return made

    def happens(self, kind: str, contact: Contact, subject: str = "order:1", **fields: object) -> Event:
        """Record an event, a second after the last one."""
        self.now += timedelta(seconds=1)
        data = fields.pop("data", {})
        with clock.moved(self.now):
            new = NewEvent(kind, contact.pk, "test", f"{kind}:{next(_numbers)}", subject=subject, data=data, **fields)
            recorded = record(new)
        assert recorded is not None
        return recorded


@pytest.fixture
def story(message: Callable[..., Message], club: MailingList) -> Story:
    for name in ("thanks", "more", "news"):
        message(name)
    return Story()


@pytest.fixture
def message(wagtail_site: object) -> Callable[..., Message]:
    """Makes a published e-mail that a drawing calls `name`."""

    def made(name: str = "thanks", **fields: object) -> Message:
        values = {"name": name.title(), "subject": name, "basis": "existing_customer", **fields}
        new = Message(translation_key=key(name), **values)
        new.save()
        new.save_revision().publish()
        return new

    return made


@pytest.fixture
def club(db: None) -> MailingList:
    """The list that a drawing calls `club`."""
    return MailingList.objects.create(public_id=key("club"), name="The club", public_name="Club")
