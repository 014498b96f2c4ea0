"""What follows from what a provider reports, told through the address that it posts to."""

import json
import uuid

from datetime import timedelta

import pytest

from django.db import OperationalError, connection

from tests.messages.deliveries import NOW, a_contact, a_list, a_message, queued, subscribed
from tests.messages.feedback.webhooks import AN_HOUR, BOUNCED, PHONE, mailjet, posted, reported
from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts.models import Consent, Subscription, Suppression
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages import reasons, settling
from wagtail_flows.messages.deliver import rescue
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.replies import PermanentRefusal, Sent, TemporaryRefusal, Unknown


pytestmark = pytest.mark.django_db

LATER = NOW + 2 * AN_HOUR


@pytest.fixture(autouse=True)
def _later(wagtail_site):
    with clock.moved(LATER):
        yield


@pytest.fixture
def alice(wagtail_site):
    return a_contact("alice@example.org")


@pytest.fixture
def delivery(alice):
    return handed_over(alice)


def handed_over(contact, status="sent", **values):
    """A delivery of an hour before the report."""
    made = queued(contact, a_message("Hello").translation_key, **values)
    ended = None if status in ("queued", "sending") else NOW
    Delivery.objects.filter(pk=made.pk).update(status=status, sending_at=NOW, ended_at=ended)
    made.refresh_from_db()
    return made


def state(delivery):
    delivery.refresh_from_db()
    return delivery.status, delivery.reason


def suppressions():
    return sorted(Suppression.objects.values_list("address", "scope", "reason"))


# Opens and clicks


def test_opens_and_clicks_are_events_of_the_contact(delivery):
    reported("open", delivery, agent=PHONE)
    reported("click", delivery, agent=PHONE, url="https://example.org/shoes")
    opened, clicked = Event.objects.order_by("pk")
    assert (opened.kind, opened.occurred_at, opened.contact_id) == (
        "message.opened",
        NOW + AN_HOUR,
        delivery.contact_id,
    )
    assert opened.data == {"message": str(delivery.message_key), "by": "human"}
    assert clicked.kind == "message.clicked"
    assert clicked.data == {"message": str(delivery.message_key), "link": "https://example.org/shoes", "by": "human"}


def test_the_same_told_again_is_one_event_and_another_is_another(delivery):
    for _again in range(3):
        reported("open", delivery, agent=PHONE)
        reported("click", delivery, url="https://example.org/a")
    reported("click", delivery, url="https://example.org/b")
    reported("open", delivery, agent=PHONE, at=NOW + AN_HOUR + timedelta(minutes=1))
    assert Event.objects.filter(kind="message.opened").count() == 2
    assert Event.objects.filter(kind="message.clicked").count() == 2


@pytest.mark.parametrize(
    ("told", "at"),
    [(NOW + AN_HOUR, NOW + AN_HOUR), (LATER + AN_HOUR, LATER), (NOW - AN_HOUR, NOW)],
)
def test_nothing_happens_before_the_hand_over_or_in_the_future(delivery, told, at):
    reported("open", delivery, at=told)
    assert Event.objects.get().occurred_at == at


def test_without_a_time_it_is_now(delivery):
    reported("open", delivery, time=None)
    assert Event.objects.get().occurred_at == LATER


def test_an_open_by_apples_proxy_and_a_filters_click_are_machines(delivery):
    reported("open", delivery, agent="Mozilla/5.0")
    reported("click", delivery, agent=PHONE, at=NOW + timedelta(seconds=2))
    assert [event.data["by"] for event in Event.objects.all()] == ["machine", "machine"]


def test_what_is_no_e_mail_to_the_contact_engages_nobody(alice):
    notice = handed_over(alice, "uncertain")
    Delivery.objects.update(channel="staff")
    reported("open", notice, email="owner@example.org")
    reported("spam", notice)
    assert state(notice) == ("sent", "reported_sent")
    assert not Event.objects.exists()
    assert suppressions() == []


# Addresses that must be spared


def test_a_bounce_for_good_suppresses_the_address(delivery):
    for _again in range(2):
        reported("bounce", delivery, **BOUNCED)
    assert suppressions() == [("alice@example.org", "all", "bounced")]
    assert Suppression.objects.get().note == "550 no such user"
    assert state(delivery) == ("sent", "came_back")
    assert delivery.error == "550 no such user"


@pytest.mark.parametrize(
    "values",
    [
        {**BOUNCED, "hard_bounce": False},
        {**BOUNCED, "error": "greylisted", "hard_bounce": False},
        {**BOUNCED, "error": "duplicate in campaign"},
    ],
)
def test_a_passing_bounce_suppresses_nobody(delivery, values):
    reported("bounce", delivery, **values)
    assert suppressions() == []


def test_a_complaint_suppresses_all_mail(delivery):
    for _again in range(2):
        reported("spam", delivery, source="JMRPP")
    assert suppressions() == [("alice@example.org", "all", "complained")]
    assert state(delivery) == ("sent", "complained")


@pytest.mark.parametrize(
    ("error", "reason"), [("user unknown", "bounced"), ("typofix", "bounced"), ("spam reporter", "complained")]
)
def test_what_the_provider_won_t_send_any_more_counts_as_what_it_remembers(delivery, error, reason):
    reported("blocked", delivery, error=error)
    assert suppressions() == [("alice@example.org", "all", reason)]
    assert state(delivery) == ("sent", "provider_refused")


def test_a_refusal_for_any_other_reason_is_only_noted(delivery):
    reported("blocked", delivery, error="preblocked")
    assert suppressions() == []
    assert state(delivery) == ("sent", "provider_refused")


@pytest.mark.parametrize("event", ["bounce", "spam", "unsub", "blocked"])
def test_what_is_said_of_another_address_is_nobodys_doing_here(delivery, event):
    for email in ("mallory@example.org", "", "not an address", None):
        reported(event, delivery, **{**BOUNCED, "email": email})
    assert suppressions() == []
    assert state(delivery) == ("sent", "")
    assert not Consent.objects.exists()


def test_the_address_is_the_same_however_it_is_spelt(delivery):
    reported("spam", delivery, email="ALICE@EXAMPLE.ORG")
    assert suppressions() == [("alice@example.org", "all", "complained")]


def test_the_address_that_was_written_to_is_spared_not_the_one_of_today(alice, delivery):
    alice.address = alice.key = "alice@example.net"
    alice.save()
    reported("spam", delivery)
    assert suppressions() == [("alice@example.org", "all", "complained")]


@pytest.mark.parametrize("reason", ["manual", "complained", "erased"])
def test_a_suppression_that_is_there_stays_as_it_is(alice, delivery, reason):
    suppress(alice, "all", reason, note="by hand")
    reported("bounce", delivery, **BOUNCED)
    assert suppressions() == [("alice@example.org", "all", reason)]
    assert Suppression.objects.get().note == "by hand"


# Leaving


def test_who_unsubscribes_at_the_provider_leaves_the_list(alice):
    news, club = a_list("News"), a_list("Club")
    for one in (news, club):
        subscribed(alice, one)
    delivery = handed_over(alice, basis="subscription", mailing_list_id=news.pk)
    for _again in range(2):
        reported("unsub", delivery)
    left = Subscription.objects.get(mailing_list=news)
    assert (left.status, left.left_at) == ("unsubscribed", LATER)
    assert Subscription.objects.get(mailing_list=club).status == "subscribed"
    evidence = Consent.objects.get()
    assert (evidence.action, evidence.source) == ("withdrew", "provider")
    assert Event.objects.get().kind == "list.unsubscribed"
    assert suppressions() == []


def test_without_a_list_all_commercial_mail_is_left(delivery):
    reported("unsub", delivery)
    assert suppressions() == [("alice@example.org", "commercial", "unsubscribed")]


def test_who_has_subscribed_since_then_stays(alice):
    news = a_list("News")
    delivery = handed_over(alice, basis="subscription", mailing_list_id=news.pk)
    subscribed(alice, news)
    Subscription.objects.update(confirmed_at=NOW + AN_HOUR + timedelta(minutes=1))
    reported("unsub", delivery)
    assert Subscription.objects.get().status == "subscribed"
    reported("unsub", handed_over(alice))
    assert suppressions() == []


# Doubt


@pytest.mark.parametrize("event", ["sent", "open", "click", "bounce", "spam", "unsub"])
def test_a_doubt_ends_when_the_provider_has_it(alice, event):
    delivery = handed_over(alice, "uncertain")
    Delivery.objects.update(reason="no_answer", lease_token=uuid.uuid4())
    reported(event, delivery)
    assert state(delivery)[0] == "sent"
    assert delivery.ended_at == LATER


@pytest.mark.parametrize(("error", "reason"), [("preblocked", "provider_refused"), ("user unknown", "address_refused")])
def test_a_doubt_ends_when_the_provider_did_not_send_it(alice, error, reason):
    delivery = handed_over(alice, "uncertain")
    reported("blocked", delivery, error=error)
    assert state(delivery) == ("failed", reason)
    reported("open", delivery)
    assert state(delivery)[0] == "failed"


@pytest.mark.parametrize("status", ["queued", "failed", "skipped"])
def test_only_doubt_is_ended(alice, status):
    delivery = handed_over(alice, status)
    for event in ("sent", "blocked", "bounce"):
        reported(event, delivery)
    assert state(delivery) == (status, "")


def leased(delivery, until):
    token = uuid.uuid4()
    Delivery.objects.filter(pk=delivery.pk).update(lease_token=token, leased_until=until)
    return token


def test_a_worker_that_lives_after_all_finds_that_the_provider_was_first(alice):
    delivery = handed_over(alice, "sending")
    token = leased(delivery, clock.real_now() - AN_HOUR)
    rescue(LATER)
    assert state(delivery) == ("uncertain", reasons.WORKER_LOST)
    reported("sent", delivery)
    refused = TemporaryRefusal(reasons.REFUSED_FOR_NOW, "come back later")
    assert settling.settle(delivery, token, refused, LATER, was_begun=True) == ""
    assert state(delivery) == ("sent", "reported_sent")


@pytest.mark.parametrize("is_repeatable", [False, True])
@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (Unknown(reasons.NO_ANSWER, "timed out"), ("sent", "reported_sent")),
        (Sent("4711"), ("sent", "")),
        (TemporaryRefusal(reasons.REFUSED_FOR_NOW, "later"), ("queued", reasons.REFUSED_FOR_NOW)),
        (PermanentRefusal(reasons.REFUSED, "no"), ("failed", reasons.REFUSED)),
    ],
)
def test_one_in_a_workers_hands_stays_there_and_what_was_heard_ends_its_doubt(alice, answer, ends, is_repeatable):
    delivery = handed_over(alice, "sending")
    Delivery.objects.update(is_repeatable=is_repeatable)
    token = leased(delivery, clock.real_now() + AN_HOUR)
    reported("sent", delivery)
    assert state(delivery)[0] == "sending"
    assert delivery.lease_token == token
    assert settling.settle(delivery, token, answer, LATER, was_begun=True) == ends[0]
    assert state(delivery) == ends


def test_what_was_heard_before_the_worker_was_lost_leaves_no_doubt(alice):
    heard, unheard = handed_over(alice, "sending"), handed_over(alice, "sending")
    for one in (heard, unheard):
        leased(one, clock.real_now() - AN_HOUR)
    reported("open", heard)
    assert rescue(LATER) == 2
    assert state(heard) == ("sent", "reported_sent")
    assert heard.lease_token is None
    assert state(unheard) == ("uncertain", reasons.WORKER_LOST)


# What isn't ours, and what is hostile


def test_mails_of_others_change_nothing(delivery):
    others = (None, "", "{", "[]", "7", json.dumps({"flows_delivery": str(uuid.uuid4())}), json.dumps({"order": 7}))
    for payload in others:
        for event in ("open", "spam", "bounce", "unsub", "blocked"):
            reported(event, delivery, Payload=payload, **BOUNCED)
    assert state(delivery) == ("sent", "")
    assert suppressions() == []
    assert not Event.objects.exists()


def test_hostile_values_do_no_harm(delivery):
    huge = "https://example.org/\x00\ud800" + "x" * 200_000
    for event in ("click", "open", "bounce", "spam"):
        reported(event, delivery, url=huge, agent=huge, smtp_reply=huge, error="user unknown", time=10**11)
    clicked, opened = Event.objects.order_by("kind")
    assert clicked.data["link"].startswith("https://example.org/")
    assert len(clicked.data["link"]) <= 2000
    assert opened.data["by"] == "human"
    delivery.refresh_from_db()
    assert len(delivery.error) <= 2000


def test_one_event_that_goes_wrong_does_not_keep_the_others_from_being_heard(delivery, monkeypatch, caplog):
    # No such column holds it: what the database refuses is wrong data, not a database that is away.
    monkeypatch.setattr("wagtail_flows.messages.feedback.engagements.SOURCE", "x\x00" * 100)
    assert posted("mailjet", [mailjet("open", delivery), mailjet("spam", delivery)]) == 200
    assert suppressions() == [("alice@example.org", "all", "complained")]
    if connection.vendor == "postgresql":
        assert not Event.objects.exists()
        assert "couldn't be applied" in caplog.text


def test_a_database_that_is_away_makes_the_provider_tell_again(delivery):
    def away(execute, sql, params, many, context):
        if "suppression" in sql:
            raise OperationalError("the database is away")
        return execute(sql, params, many, context)

    batch = [mailjet("open", delivery), mailjet("spam", delivery)]
    with connection.execute_wrapper(away):
        assert posted("mailjet", batch) == 500
    assert state(delivery) == ("sent", "")
    assert posted("mailjet", batch) == 200
    assert suppressions() == [("alice@example.org", "all", "complained")]
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_told_four_times_at_once_happens_once(alice):
    news = a_list("News")
    subscribed(alice, news)
    delivery = handed_over(alice, "uncertain", basis="subscription", mailing_list_id=news.pk)
    batch = [mailjet(event, delivery) for event in ("open", "unsub", "spam")]
    assert without_errors(at_the_same_time(*[lambda: posted("mailjet", batch)] * 4)) == [200] * 4
    assert sorted(Event.objects.values_list("kind", flat=True)) == ["list.unsubscribed", "message.opened"]
    assert suppressions() == [("alice@example.org", "all", "complained")]
    assert Consent.objects.count() == 1
    assert state(delivery) == ("sent", "complained")
