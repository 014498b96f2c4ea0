"""Queueing: once for each visit, with what the message says at that moment, in a constant number of queries."""

from datetime import timedelta
from uuid import uuid4

import pytest

from wagtail.models import Locale

from tests.messages.deliveries import NOW, a_contact, a_list, a_message
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock
from wagtail_flows.messages import reasons
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.queueing import NewDelivery, queue
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


def a_visit(contact):
    scenario = Scenario.objects.create(name="Thanks")
    version = ScenarioVersion.objects.create(
        scenario=scenario, number=1, graph={}, starts_with_events_after=NOW, published_at=NOW
    )
    enrollment = Enrollment.objects.create(
        scenario=scenario, version=version, contact=contact, entry_key="once", step_entered_at=NOW, entered_at=NOW
    )
    return Visit.objects.create(
        enrollment=enrollment, number=1, step="send", kind="send_email", entered_at=NOW, left_at=NOW
    )


def test_a_delivery_takes_its_traits_from_the_message_and_a_copy_of_the_address():
    contact = a_contact("Alice@Example.org", locale="pl")
    message = a_message(asks_for_review=True)
    (delivery,) = queue([NewDelivery(contact.pk, message.translation_key, context={"order": "order:1"})])
    Contact.objects.update(address="other@example.org")
    delivery.refresh_from_db()
    assert delivery.address == "Alice@Example.org"
    assert (delivery.stream, delivery.basis, delivery.asks_for_review) == ("commercial", "existing_customer", True)
    assert (delivery.locale, delivery.context) == ("pl", {"order": "order:1"})
    assert (delivery.status, delivery.queued_at, delivery.due_at) == ("queued", NOW, NOW)


def test_a_visit_sends_once_however_often_it_is_queued():
    contact = a_contact()
    visit, key = a_visit(contact), a_message().translation_key
    (first,) = queue([NewDelivery(contact.pk, key, visit_id=visit.pk)])
    again, other = queue([NewDelivery(contact.pk, key, visit_id=visit.pk), NewDelivery(contact.pk, key)])
    assert again == first
    assert other != first
    assert Delivery.objects.count() == 2


def test_the_same_visit_twice_in_one_batch_is_queued_once():
    contact = a_contact()
    wish = NewDelivery(contact.pk, a_message().translation_key, visit_id=a_visit(contact).pk)
    first, second = queue([wish, wish])
    assert first == second
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("is_there", [True, False])
def test_a_message_that_is_not_live_is_skipped_and_says_so(is_there):
    message = a_message()
    message.unpublish()
    key = message.translation_key if is_there else uuid4()
    (delivery,) = queue([NewDelivery(a_contact().pk, key)])
    assert (delivery.status, delivery.reason, delivery.ended_at) == ("skipped", reasons.MESSAGE_NOT_LIVE, NOW)


def test_translations_that_differ_are_read_carefully():
    message = a_message(stream="transactional", basis="transaction")
    polish = message.copy_for_translation(Locale.objects.get(language_code="pl"))
    polish.stream, polish.basis, polish.asks_for_review = "commercial", "subscription", True
    polish.save()
    polish.save_revision().publish()
    (delivery,) = queue([NewDelivery(a_contact().pk, message.translation_key)])
    assert (delivery.stream, delivery.basis, delivery.asks_for_review) == ("commercial", "subscription", True)


@pytest.mark.parametrize(
    ("first", "second"), [("existing_customer", "subscription"), ("subscription", "existing_customer")]
)
def test_one_translation_for_subscribers_only_makes_all_of_them_so(first, second):
    message = a_message(basis=first)
    polish = message.copy_for_translation(Locale.objects.get(language_code="pl"))
    polish.basis = second
    polish.save()
    polish.save_revision().publish()
    (delivery,) = queue([NewDelivery(a_contact().pk, message.translation_key)])
    assert delivery.basis == "subscription"


def test_a_later_moment_and_another_basis_can_be_given():
    later = NOW + timedelta(days=3)
    mailing_list = a_list()
    wish = NewDelivery(
        a_contact().pk, a_message().translation_key, due_at=later, basis="subscription", mailing_list_id=mailing_list.pk
    )
    (delivery,) = queue([wish])
    assert (delivery.due_at, delivery.basis, delivery.mailing_list) == (later, "subscription", mailing_list)


def test_who_was_erased_meanwhile_gets_nothing_and_hinders_nobody():
    contact, key = a_contact(), a_message().translation_key
    (delivery,) = queue([NewDelivery(contact.pk + 1000, key), NewDelivery(contact.pk, key)])
    assert delivery.contact == contact


def test_many_cost_as_many_queries_as_one(django_assert_num_queries):
    message = a_message()
    people = [a_contact(f"p{number}@example.org") for number in range(30)]
    for batch in (people[:1], people):
        # People, messages, savepoint, insert, read back, release.
        with django_assert_num_queries(6):
            assert len(queue([NewDelivery(one.pk, message.translation_key) for one in batch])) == len(batch)
    assert queue([]) == []
