"""Whatever stands against an e-mail stops it, also when it comes about while the one before it is being handed over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from example_site import mail
from tests.engine.conftest import Story
from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.subscriptions import Evidence, subscribe, unsubscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.engine import by_hand
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.models import MailingList, Scenario
from wagtail_flows.scenarios.pausing import pause


def _is_suppressed(story: Story, bob: Contact) -> None:
    suppress(bob, "all", "complained")


def _leaves_the_list(story: Story, bob: Contact) -> None:
    unsubscribe(bob, MailingList.objects.get(), evidence=Evidence())


def _cancels(story: Story, bob: Contact) -> None:
    story.happens("order.cancelled", bob)


def _is_taken_out(story: Story, bob: Contact) -> None:
    by_hand.take_out(Enrollment.objects.filter(contact=bob).values_list("pk", flat=True), story.now)


def _is_paused(story: Story, bob: Contact) -> None:
    pause(Scenario.objects.get())


class Meanwhile(EmailBackend):
    """Takes mails into memory; while it takes one, `happens` does."""

    happens: ClassVar[Callable[[], None]]

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        type(self).happens()
        return int(super().send_messages(messages))


@pytest.fixture
def meanwhile(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Meanwhile]:
    monkeypatch.setattr(mail, "MEMORY", f"{__name__}.{Meanwhile.__name__}")
    for name, value in mail.email_settings(0).items():
        setattr(settings, name, value)
    return Meanwhile


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("against", "becomes"),
    [
        (_is_suppressed, "skipped"),
        (_leaves_the_list, "skipped"),
        (_cancels, "skipped"),
        (_is_taken_out, "skipped"),
        (_is_paused, "queued"),
    ],
)
def test_it_stops_the_next_of_the_same_batch(
    story: Story,
    message: Callable[..., object],
    meanwhile: type[Meanwhile],
    against: Callable[[Story, Contact], None],
    becomes: str,
) -> None:
    message("reminder", basis="subscription")
    club = MailingList.objects.get()
    MailingList.objects.update(is_double_opt_in=False)
    club.refresh_from_db()
    story.publish("placed > send reminder to club > wait 1d > exit ! cancelled")
    with clock.moved(story.now):
        people = [story.contact(name) for name in ("alice", "bob")]
        for person in people:
            subscribe(person, club, evidence=Evidence())
    for person in people:
        story.happens("order.placed", person)
    story.run()
    meanwhile.happens = lambda: against(story, people[1])
    with clock.moved(story.now):
        deliver(story.now)
    statuses = Delivery.objects.filter(kind="message").order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["sent", becomes]
