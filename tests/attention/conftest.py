"""A story of the engine, looked at by finders."""

from __future__ import annotations

import pytest

from tests.engine.conftest import Story, club, message, story  # noqa: F401  (fixtures)
from tests.shop.conftest import shop  # noqa: F401  (fixture)
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.engine import heartbeat
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery


@pytest.fixture
def runner(db):
    """Somebody works."""
    heartbeat.answer_bell()


@pytest.fixture
def delivery(db):
    """Makes a delivery of these fields."""

    def made(**fields: object) -> Delivery:
        now = clock.now()
        values = {"stream": "commercial", "basis": "existing_customer", "queued_at": now, "due_at": now, **fields}
        contact = get_or_create_contact("alice@example.org", now=now)
        return Delivery.objects.create(contact=contact, address=contact.address, **values)

    return made
