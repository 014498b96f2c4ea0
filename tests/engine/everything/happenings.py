"""What happens to people, and what they do themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from wagtail.models import Page

from tests.engine.everything.outside import Outside, RudeProvider
from tests.engine.everything.stage import Stage
from wagtail_flows.contacts.erasing import erase
from wagtail_flows.contacts.models import Contact, Property, Subscription
from wagtail_flows.contacts.property_values import set_property
from wagtail_flows.contacts.subscriptions import Evidence, confirm, subscribe, unsubscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.events.recording import NewEvent, correct, record


class Happenings(Stage):
    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.told: list[NewEvent] = []

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
        person = self.person(who)
        self.journal.is_erased(person)
        erase(person)

    def changes(self, who: str, name: str, value: Any) -> None:
        prop = Property.objects.get(name=name)
        set_property(self.person(who), prop, date.fromisoformat(value) if name == "renewal" and value else value)

    def page_is_published(self) -> None:
        home = Page.objects.filter(depth=2).first()
        assert home is not None
        home.save_revision().publish()

    # What those outside will say

    def mail_server_says(self, point: str, answer: str, times: int, skip: int) -> None:
        self.outside.mail_server.at(point, answer, times=times, skip=skip)

    def receiver_says(self, answer: Any) -> None:
        self.outside.receiver.answers(answer)

    def provider_says(self, answer: Any) -> None:
        RudeProvider.answers.append(answer)
