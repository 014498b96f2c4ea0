"""A small world of people, e-mails and scenarios, and what may happen in it. Time moves by its moves only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import mail
from django.db.models import Q
from wagtail.models import Page

from tests.drawing import key
from tests.engine.everything.crashes import dying_at
from tests.engine.everything.graphs import STAFF
from wagtail_flows.contacts.erasing import erase
from wagtail_flows.contacts.models import Contact, MailingList, Property, Subscription
from wagtail_flows.contacts.property_values import set_property
from wagtail_flows.contacts.subscriptions import Evidence, confirm, subscribe, unsubscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.engine import by_hand, starting
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.events.models import Event
from wagtail_flows.events.recording import NewEvent, correct, record
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.webhook_model import WebhookEndpoint
from wagtail_flows.models import Message, Scenario
from wagtail_flows.scenarios.pausing import pause, resume
from wagtail_flows.segments.models import Segment
from wagtail_flows.tasks import Phase, phases


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# Those of a round that concern scenarios.
PHASES = ("events", "segments entered", "dates", "pages published", "rescued", "enrollments", "rescued deliveries",
          "deliveries")  # fmt: skip
# These do one batch where their time is over at once; the others would do nothing.
IN_PORTIONS = ("events", "enrollments")
LOWEST_OF_GOLD = 3
GOLD = {"match": "all", "rules": [{"field": "property.score", "operator": "at_least", "value": str(LOWEST_OF_GOLD)}]}
ZONES = {"alice": "", "bob": "Europe/Paris", "carol": "Pacific/Apia"}


def furnish() -> None:
    """What graphs may name, once for all stories."""
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
    # Nobody is called for real: calls of one that isn't active are skipped.
    WebhookEndpoint.objects.create(public_id=key("hook"), name="hook", url="https://example.org/", is_active=False)
    get_user_model().objects.create_superuser("desk", STAFF, "password")
    Segment.objects.create(public_id=key("gold"), name="gold", rule=GOLD)


class World:
    """`obeys(world)` is called after each move."""

    def __init__(self, obeys: Callable[[World], None]) -> None:
        self.now = NOON
        self.scenarios: list[Scenario] = []
        self.told: list[NewEvent] = []
        # How many mails of the outbox have been looked at.
        self.seen = 0
        mail.outbox.clear()
        self._obeys = obeys
        self._phases: dict[str, Phase] = {phase.name: phase for phase in phases() if phase.name in PHASES}

    def goes(self, move: tuple[Any, ...]) -> None:
        """Do the move of this name, at a moment of its own."""
        self.now += timedelta(seconds=1)
        with clock.moved(self.now):
            self.does(move)
        self._obeys(self)

    def does(self, move: tuple[Any, ...]) -> None:
        name, *details = move
        getattr(self, name)(*details)

    def rests(self) -> None:
        """Work until nothing is left to do at this moment."""
        self.wakes_the_dead()
        for _round in range(50):
            before = self.state()
            self.goes(("works",))
            if self.state() == before:
                return
        raise AssertionError("There is always something left to do.")

    def state(self) -> tuple[Any, ...]:
        visits = Enrollment.objects.values_list("pk", "status", "visit_count", "due_at", "waits_for_kind").order_by(
            "pk"
        )
        sent = Delivery.objects.values_list("pk", "status", "due_at").order_by("pk")
        return list(visits), list(sent), Event.objects.filter(matched_at=None).count()

    # Who works

    def works(self) -> None:
        """A whole round."""
        for name in PHASES:
            self._work(name)

    def works_a_little(self, name: str) -> None:
        """One phase, one batch of it: another worker has done the rest, or will."""
        self._work(name, until=0.0 if name in IN_PORTIONS else None)

    def dies(self, name: str, statement: int) -> None:
        """A worker is killed at this statement of a phase; its leases run out before anybody else comes."""
        if dying_at(statement, lambda: self._work(name)):
            self.wakes_the_dead()

    def _work(self, name: str, until: float | None = None) -> None:
        self._phases[name].work(self.now, until)

    @staticmethod
    def wakes_the_dead() -> None:
        """The leases of the killed run out."""
        Delivery.objects.filter(leased_until__isnull=False).update(leased_until=LONG_AGO)

    # What happens

    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def happens(self, kind: str, who: str, subject: str, total: int, late: bool = False) -> None:
        occurred_at = self.now - timedelta(days=1 if late else 0)
        new = NewEvent(kind, self.person(who).pk, "shop", f"{len(self.told)}", subject, {"total": total}, occurred_at)
        self.told.append(new)
        record(new)

    def happens_again(self, number: int) -> None:
        """The same fact is told twice."""
        if self.told:
            again = self.told[number % len(self.told)]
            if Contact.objects.filter(pk=again.contact_id).exists():
                assert record(again) is None

    def is_corrected(self, number: int, days: int) -> None:
        if self.told:
            one = self.told[number % len(self.told)]
            correct(one.kind, one.source, one.dedupe_key, self.now + timedelta(days=days), one.data)

    def subscribes(self, who: str, name: str) -> None:
        found = subscribe(self.person(who), self.mailing_list(name), evidence=Evidence())
        if found.status == Subscription.Status.PENDING:
            confirm(found, found.round, evidence=Evidence())

    def unsubscribes(self, who: str, name: str) -> None:
        unsubscribe(self.person(who), self.mailing_list(name) if name else None, evidence=Evidence())

    def is_suppressed(self, who: str, scope: str) -> None:
        suppress(self.person(who), scope, "complained")

    def is_erased(self, who: str) -> None:
        erase(self.person(who))

    def changes(self, who: str, name: str, value: Any) -> None:
        prop = Property.objects.get(name=name)
        set_property(self.person(who), prop, date.fromisoformat(value) if name == "renewal" and value else value)

    # What people do to scenarios

    def is_published(self, graph: dict[str, Any]) -> None:
        scenario = Scenario(name="Story", graph=graph, live=False)
        scenario.save()
        scenario.save_revision().publish()
        self.scenarios.append(scenario)

    def is_published_again(self, number: int, graph: dict[str, Any]) -> None:
        scenario = self.scenario(number)
        scenario.graph = graph
        scenario.save_revision().publish()

    def is_unpublished(self, number: int) -> None:
        self.scenario(number).unpublish()

    def is_paused(self, number: int) -> None:
        pause(self.scenario(number))

    def goes_on(self, number: int) -> None:
        resume(self.scenario(number))

    def starts(self, number: int, who: str, occasion: str) -> None:
        try:
            starting.start(self.scenario(number), [self.person(who).pk], occasion)
        except starting.NotStartable:
            return

    def is_taken_out(self, who: str) -> None:
        people = Enrollment.objects.inside().filter(contact=self.person(who))
        by_hand.take_out(people.values_list("pk", flat=True)[:1], self.now)

    def is_spared(self, who: str) -> None:
        """Somebody need not wait any longer."""
        for pk in Enrollment.objects.active().filter(Q(contact=self.person(who))).values_list("pk", flat=True)[:1]:
            try:
                by_hand.skip_wait(pk, self.now)
            except by_hand.NotWaiting:
                return

    def page_is_published(self) -> None:
        home = Page.objects.filter(depth=2).first()
        assert home is not None
        home.save_revision().publish()

    # Who and what there is

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
