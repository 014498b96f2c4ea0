"""Things that scenarios name, made for real."""

import pytest

from tests.drawing import SHORT, key
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.events import kinds
from wagtail_flows.models import Message, Scenario


@pytest.fixture(scope="session", autouse=True)
def order_events() -> None:
    """The kinds of event that drawings know, also where no shop is installed that registers them."""
    for name in SHORT.values():
        if kinds.get(name) is None:
            kinds.register(kinds.EventKind(name, name, ("order",)))


@pytest.fixture
def message(wagtail_site):
    """Makes a published e-mail that a drawing calls `name`."""

    def made(name: str = "thanks", **fields) -> Message:
        new = Message(translation_key=key(name), name=name.title(), subject=name, basis="existing_customer", **fields)
        new.save()
        new.save_revision().publish()
        return Message.objects.get(pk=new.pk)

    return made


@pytest.fixture
def club(db) -> MailingList:
    """The list that a drawing calls `club`."""
    return MailingList.objects.create(public_id=key("club"), name="The club", public_name="Club")


@pytest.fixture
def draft(db):
    """Makes a draft scenario with this graph, never published."""

    def made(graph: object, **fields) -> Scenario:
        return Scenario.objects.create(name="Thanks", graph=graph, **fields)

    return made
