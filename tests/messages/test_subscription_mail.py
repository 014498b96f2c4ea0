"""Who asks for a list gets a mail about it, queued in the very transaction."""

import pytest

from django.db import transaction

from tests.messages.deliveries import NOW, a_contact, a_list
from wagtail_flows.contacts.subscriptions import Evidence, subscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.delivery_models import Delivery


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


def ask(contact, mailing_list, locale="fr"):
    return subscribe(contact, mailing_list, evidence=Evidence(wording="Yes", source="form"), locale=locale)


def test_a_confirmation_is_transactional_and_in_the_language_of_the_page():
    subscription = ask(a_contact(locale="pl"), a_list())
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.stream, delivery.basis) == ("confirmation", "transactional", "transaction")
    assert (delivery.locale, delivery.due_at) == ("fr", NOW)
    assert delivery.context == {"subscription": str(subscription.public_id), "round": 1}


def test_it_is_taken_back_with_the_transaction_that_asked_for_it():
    contact, mailing_list = a_contact(), a_list()
    with transaction.atomic():
        ask(contact, mailing_list)
        assert Delivery.objects.exists()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_who_is_on_the_list_already_is_told_so():
    contact, mailing_list = a_contact(), a_list()
    mailing_list.is_double_opt_in = False
    mailing_list.save()
    ask(contact, mailing_list)
    ask(contact, mailing_list)
    assert [one.kind for one in Delivery.objects.all()] == ["already_subscribed"]


def test_it_reaches_who_left_commercial_mail_but_nobody_who_must_not_be_written_to(mailoutbox):
    left, gone = a_contact("left@example.org"), a_contact("gone@example.org")
    mailing_list = a_list()
    suppress(left, "commercial", "unsubscribed")
    suppress(gone, "all", "bounced")
    ask(left, mailing_list)
    ask(gone, mailing_list)
    deliver(NOW)
    (mail,) = mailoutbox
    assert mail.to == ["left@example.org"]
    assert not [name for name in mail.extra_headers if name.startswith("List-")]
    assert "/flows/confirm/" in mail.body
