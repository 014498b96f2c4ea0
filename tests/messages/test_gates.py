"""The gates at the hand-over: who must not get this mail, asked at the last moment."""

from datetime import timedelta

import pytest

from tests.messages.deliveries import NOW, a_contact, a_list, a_message, queued, subscribed
from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.models import Contact, Subscription
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock
from wagtail_flows.messages import gates, reasons
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.gates import Hold, Skip


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


def verdict(delivery):
    return gates.verdicts([delivery]).get(delivery.pk)


def test_nothing_stands_against_a_customer():
    assert verdict(queued(a_contact(), a_message().translation_key)) is None


@pytest.mark.parametrize(
    ("stream", "scope", "is_stopped"),
    [
        ("commercial", "commercial", True),
        ("commercial", "all", True),
        ("transactional", "commercial", False),
        ("transactional", "all", True),
    ],
)
def test_a_suppression_stops_the_mail_of_its_scope(stream, scope, is_stopped):
    contact = a_contact()
    delivery = queued(contact, a_message(stream=stream, basis="transaction").translation_key)
    Delivery.objects.update(basis="existing_customer")
    delivery.refresh_from_db()
    suppress(contact, scope, "manual")
    assert (verdict(delivery) == Skip(reasons.SUPPRESSED)) is is_stopped


def test_the_address_that_the_delivery_carries_counts_too():
    delivery = queued(a_contact(), a_message().translation_key)
    suppress("alice@example.org", "all", "bounced")
    Contact.objects.update(key="new@example.org", key_hash="0" * 64, address="new@example.org")
    delivery.refresh_from_db()
    assert verdict(delivery) == Skip(reasons.SUPPRESSED)


def test_the_address_that_the_contact_has_by_now_counts_too():
    delivery = queued(a_contact(), a_message().translation_key)
    new = "new@example.org"
    Contact.objects.update(key=new, key_hash=key_hash(new), address=new)
    suppress(new, "all", "complained")
    delivery.refresh_from_db()
    assert verdict(delivery) == Skip(reasons.SUPPRESSED)


@pytest.mark.parametrize(
    ("status", "basis", "reason"),
    [
        (Subscription.Status.SUBSCRIBED, "subscription", None),
        (Subscription.Status.PENDING, "subscription", reasons.NOT_SUBSCRIBED),
        (Subscription.Status.UNSUBSCRIBED, "subscription", reasons.LEFT_LIST),
        (None, "subscription", reasons.NOT_SUBSCRIBED),
        (Subscription.Status.SUBSCRIBED, "existing_customer", None),
        (Subscription.Status.PENDING, "existing_customer", None),
        (Subscription.Status.UNSUBSCRIBED, "existing_customer", reasons.LEFT_LIST),
        (None, "existing_customer", None),
        (Subscription.Status.SUBSCRIBED, "transaction", reasons.NO_BASIS),
    ],
)
def test_commercial_mail_needs_its_basis(status, basis, reason):
    contact, mailing_list = a_contact(), a_list()
    if status:
        subscribed(contact, mailing_list, status)
    delivery = queued(contact, a_message(basis=basis).translation_key, mailing_list_id=mailing_list.pk)
    assert verdict(delivery) == (Skip(reason) if reason else None)


def test_a_list_that_was_deleted_gives_no_basis():
    contact, mailing_list = a_contact(), a_list()
    subscribed(contact, mailing_list)
    delivery = queued(contact, a_message(basis="subscription").translation_key, mailing_list_id=mailing_list.pk)
    mailing_list.delete()
    delivery.refresh_from_db()
    assert verdict(delivery) == Skip(reasons.NO_LIST)


def test_never_ask_for_a_review_is_asked_again_at_the_hand_over():
    contact = a_contact()
    request = queued(contact, a_message("How was it?", asks_for_review=True).translation_key)
    news = queued(contact, a_message("News").translation_key)
    Contact.objects.update(is_never_asked_for_review=True)
    assert gates.verdicts([request, news]) == {request.pk: Skip(reasons.NEVER_ASK_FOR_REVIEW)}


@pytest.mark.parametrize(
    ("change", "is_wanted"),
    [({}, True), ({"status": "subscribed"}, False), ({"status": "unsubscribed"}, False), ({"round": 2}, False)],
)
def test_a_confirmation_is_only_sent_while_it_is_waited_for(change, is_wanted):
    contact, mailing_list = a_contact(), a_list()
    subscription = subscribed(contact, mailing_list, Subscription.Status.PENDING)
    context = {"subscription": str(subscription.public_id), "round": 1}
    delivery = queued(contact, None, kind="confirmation", mailing_list_id=mailing_list.pk, context=context)
    Subscription.objects.update(**{"status": "pending", **change})
    assert (verdict(delivery) is None) is is_wanted


def test_the_number_of_queries_does_not_depend_on_the_number_of_mails(django_assert_num_queries):
    message, mailing_list = a_message(basis="subscription", asks_for_review=True), a_list()
    people = [a_contact(f"p{number}@example.org") for number in range(20)]
    for one in people:
        subscribed(one, mailing_list)
    deliveries = [queued(one, message.translation_key, mailing_list_id=mailing_list.pk) for one in people]
    with django_assert_num_queries(5):
        gates.verdicts(deliveries[:1])
    with django_assert_num_queries(5):
        assert gates.verdicts(deliveries) == {}
    # What the site allows is read once for a batch.
    with django_assert_num_queries(4):
        gates.verdicts(deliveries)


def test_a_skip_wins_over_a_hold_and_the_first_of_two_alike(monkeypatch):
    delivery = queued(a_contact(), a_message().translation_key)
    later = Hold(NOW + timedelta(hours=1), "paused")
    answers = [later, Skip("first"), Skip("second"), later]
    monkeypatch.setattr(gates, "_gates", [lambda _ones, one=one: {delivery.pk: one} for one in answers])
    assert gates.verdicts([delivery]) == {delivery.pk: Skip("first")}


def test_every_reason_has_words():
    codes = {value for name, value in vars(reasons).items() if name.isupper()}
    assert codes <= {code for code, _label in reasons.choices()}
    assert all(reasons.label(code) != code for code in codes)
    assert reasons.label("never_heard_of") == "never_heard_of"
