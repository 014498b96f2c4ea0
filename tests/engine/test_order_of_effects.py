"""What commits on one connection while another is at work: nothing is lost, or overtaken, or leaves too late."""

from __future__ import annotations

import threading

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction

from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.erasing import erase
from wagtail_flows.contacts.models import Contact, MailingList
from wagtail_flows.contacts.subscriptions import Evidence, subscribe, unsubscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.engine import advancing, by_hand, enrolling
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.messages import deliver
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Scenario
from wagtail_flows.scenarios.pausing import pause


pytestmark = pytest.mark.django_db(transaction=True)


class Interrupted(EmailBackend):
    """Hands mail over to the outbox; while it is at the first one, something commits on another connection."""

    meanwhile: Callable[[], object] | None = None

    def send_messages(self, messages):
        happens, type(self).meanwhile = type(self).meanwhile, None
        if happens is not None:
            without_errors(at_the_same_time(happens))
        return super().send_messages(messages)


def bob() -> Contact:
    return Contact.objects.get(address="bob@example.org")


def leave_the_list(_story) -> None:
    unsubscribe(bob(), MailingList.objects.get(), evidence=Evidence())


def leave_everything(_story) -> None:
    unsubscribe(bob(), None, evidence=Evidence())


def complain(_story) -> None:
    suppress(bob(), "all", "complained")


def complain_at_the_mailbox_of_before(_story) -> None:
    """The delivery carries that one still."""
    new = "bobby@example.org"
    Contact.objects.filter(pk=bob().pk).update(address=new, key=new, key_hash=key_hash(new))
    suppress("bob@example.org", "all", "complained")


def be_erased(_story) -> None:
    erase(bob())


def cancel_the_order(story) -> None:
    story.happens("order.cancelled", bob(), "order:bob")


def be_taken_out(story) -> None:
    by_hand.take_out(Enrollment.objects.filter(contact=bob()).values_list("pk", flat=True), story.now)


def hold_the_scenario(_story) -> None:
    pause(Scenario.objects.get())


@pytest.mark.parametrize(
    ("happens", "state"),
    [
        (leave_the_list, ("skipped", "left_list")),
        (leave_everything, ("skipped", "suppressed")),
        (complain, ("skipped", "suppressed")),
        (complain_at_the_mailbox_of_before, ("skipped", "suppressed")),
        (cancel_the_order, ("skipped", "left_scenario")),
        (be_taken_out, ("skipped", "left_scenario")),
        (hold_the_scenario, ("queued", "paused")),
        (be_erased, None),
    ],
)
def test_what_commits_while_the_mail_before_is_handed_over_is_obeyed(story, message, club, settings, happens, state):
    """Both mails are leased and rendered already; the one of bob hasn't begun."""
    backend = f"{__name__}.Interrupted"
    if hasattr(settings, "MAILERS"):
        settings.MAILERS = {"default": {"BACKEND": backend}}
    else:
        settings.EMAIL_BACKEND = backend
    message("letter", basis="subscription")
    story.publish("placed > send letter to club > wait 1d ! cancelled")
    MailingList.objects.update(is_double_opt_in=False)
    club.refresh_from_db()
    for name in ("alice", "bob"):
        subscribe(story.contact(name), club, evidence=Evidence())
        story.happens("order.placed", story.contact(name), f"order:{name}")
    story.run()
    assert Delivery.objects.filter(status="queued").count() == 2
    Interrupted.meanwhile = lambda: happens(story)
    with clock.moved(story.now):
        deliver.deliver(story.now)
    assert Delivery.objects.get(address="alice@example.org").status == "sent"
    assert Delivery.objects.filter(address="bob@example.org").values_list("status", "reason").first() == state


@contextmanager
def uncommitted(work: Callable[[], object]) -> Iterator[None]:
    """Do this work on another connection, and commit it only after the block."""
    is_done, may_commit = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                work()
                is_done.set()
                assert may_commit.wait(30)
        finally:
            connection.close()

    other = threading.Thread(target=run)
    other.start()
    assert is_done.wait(30)
    try:
        yield
    finally:
        may_commit.set()
        other.join(30)


@pytest.mark.postgres
def test_an_order_cancelled_while_its_buyer_is_being_let_in_gets_nothing(story):
    story.publish("placed > wait 1d > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.placed", alice)
    with clock.moved(story.now), uncommitted(lambda: enrolling.match_events(story.now)):
        # Recording waits for nobody.
        story.happens("order.cancelled", alice)
        assert not Enrollment.objects.exists()
    assert Enrollment.objects.get().status == "active"
    story.run()
    assert Enrollment.objects.get().exit_reason == "order.cancelled"
    story.later(days=2)
    assert not Delivery.objects.exists()


@pytest.mark.postgres
def test_a_cancellation_that_commits_after_the_order_it_was_recorded_before(story):
    """Its number is the lower one, and it becomes visible once the order has brought its buyer in."""
    story.publish("placed > wait 1d > send thanks ! cancelled")
    alice = story.contact()
    with uncommitted(lambda: story.happens("order.cancelled", alice)):
        story.happens("order.placed", alice)
        story.run()
        assert Enrollment.objects.get().status == "active"
    story.run()
    assert Enrollment.objects.get().exit_reason == "order.cancelled"


@pytest.mark.postgres
def test_an_order_and_its_cancellation_that_two_runners_see_apart(story):
    """One holds the buyer with the order in hand, the other finds the cancellation: it must wait for its turn."""
    story.publish("placed > send thanks ! cancelled")
    alice = story.contact()
    story.happens("order.placed", alice)
    with clock.moved(story.now), uncommitted(lambda: enrolling.match_events(story.now)):
        story.happens("order.cancelled", alice)
        assert enrolling.match_events(story.now) == 0, "the buyer is held"
    story.run()
    assert (Enrollment.objects.get().exit_reason, Delivery.objects.count()) == ("order.cancelled", 0)


def is_waited_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.postgres
def test_erasing_somebody_waits_for_who_is_at_work_on_them_and_erases_that_too(story):
    story.publish("placed > send thanks > wait 1d > send more")
    alice = story.contact()
    story.happens("order.placed", alice)
    with clock.moved(story.now):
        enrolling.match_events(story.now)
    with clock.moved(story.now), ThreadPoolExecutor() as pool:
        with uncommitted(lambda: advancing.advance(story.now)):
            erased = pool.submit(lambda: (erase(alice), connection.close()))
            while not is_waited_for_a_lock() and not erased.done():
                pass
        erased.result(timeout=30)
    assert not Contact.objects.exists()
    assert not Enrollment.objects.exists()
    story.run()
