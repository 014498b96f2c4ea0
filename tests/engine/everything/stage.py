"""What all moves have at hand: the time, who and what there is. And how it is furnished."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth import get_user_model

from tests.drawing import key
from tests.engine.everything.graphs import STAFF
from tests.engine.everything.journal import Journal
from tests.engine.everything.outside import Outside
from wagtail_flows.contacts.models import Contact, MailingList, Property
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.messages.webhook_model import WebhookEndpoint
from wagtail_flows.models import Message, Scenario
from wagtail_flows.segments.models import Segment


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOWEST_OF_GOLD = 3
GOLD = {"match": "all", "rules": [{"field": "property.score", "operator": "at_least", "value": str(LOWEST_OF_GOLD)}]}
ZONES = {"alice": "", "bob": "Europe/Paris", "carol": "Pacific/Apia"}
NOBODY_LISTENS = "http://127.0.0.1:1/"


def furnish(receiver: str) -> None:
    """What graphs may name, once for all stories. `receiver`: the URL of who takes calls."""
    for name, basis, stream in (
        ("thanks", "existing_customer", "commercial"),
        ("news", "subscription", "commercial"),
        ("notice", "transaction", "transactional"),
    ):
        message = Message(translation_key=key(name), name=name, subject=name, basis=basis, stream=stream)
        message.save()
        message.save_revision().publish()
    for name in ("club", "paper"):
        MailingList.objects.create(public_id=key(name), name=name, public_name=name, is_double_opt_in=name == "paper")
    for name, kind in (("town", "text"), ("phone", "text"), ("score", "number"), ("renewal", "date")):
        Property.objects.create(name=name, label=name, type=kind)
    for name, url in (("hook", receiver), ("echo", receiver), ("nobody", NOBODY_LISTENS)):
        WebhookEndpoint.objects.create(public_id=key(name), name=name, url=url, is_repeat_safe=name == "echo")
    get_user_model().objects.create_superuser("desk", STAFF, "password")
    Segment.objects.create(public_id=key("gold"), name="gold", rule=GOLD)


class Stage:
    """Time moves by moves only."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.now = NOON
        self.scenarios: list[Scenario] = []
        self.journal = Journal()

    def person(self, name: str) -> Contact:
        found = get_or_create_contact(f"{name}@example.org", now=self.now)
        if found.time_zone != ZONES[name]:
            found.time_zone = ZONES[name]
            found.save()
        return found

    def scenario(self, number: int) -> Scenario:
        found = self.scenarios[number % len(self.scenarios)]
        found.refresh_from_db()
        return found

    @staticmethod
    def mailing_list(name: str) -> MailingList:
        return MailingList.objects.get(public_id=key(name))
