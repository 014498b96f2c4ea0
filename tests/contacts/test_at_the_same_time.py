"""Two workers, two clicks, two tabs: on real threads with real transactions."""

import pytest

from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts import tokens
from wagtail_flows.contacts.models import Consent, Contact, Subscription, Suppression
from wagtail_flows.contacts.subscriptions import Evidence, SupersededConfirmation, confirm, subscribe, unsubscribe
from wagtail_flows.contacts.suppressions import is_suppressed, suppress
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.lib.models import SigningKey


pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 6


def test_an_address_becomes_one_contact():
    def make():
        return get_or_create_contact("Ada@example.org", first_name="Ada", now=clock.now()).pk

    ids = without_errors(at_the_same_time(*[make] * TIMES))
    assert set(ids) == {Contact.objects.get().pk}


def test_subscribing_at_once_makes_one_subscription_and_one_mail(ada, weekly, proof, heard):
    without_errors(at_the_same_time(*[lambda: subscribe(ada, weekly, evidence=proof)] * TIMES))
    subscription = Subscription.objects.get()
    assert (subscription.round, subscription.status) == (1, "pending")
    assert heard.kinds == ["confirmation"]
    assert Consent.objects.count() == TIMES


def test_confirming_at_once_subscribes_once(ada, weekly, proof):
    subscription = subscribe(ada, weekly, evidence=proof)
    without_errors(at_the_same_time(*[lambda: confirm(subscription, 1, evidence=Evidence())] * TIMES))
    assert Subscription.objects.get().status == "subscribed"
    assert Event.objects.filter(kind="list.subscribed").count() == 1
    assert Consent.objects.filter(action="confirmed").count() == 1


def test_a_single_opt_in_at_once_is_one_event(ada, drops, proof):
    without_errors(at_the_same_time(*[lambda: subscribe(ada, drops, evidence=proof)] * TIMES))
    assert Event.objects.count() == 1


def test_leaving_at_once_is_leaving_once(ada, weekly, proof):
    confirm(subscribe(ada, weekly, evidence=proof), 1, evidence=Evidence())
    without_errors(at_the_same_time(*[lambda: unsubscribe(ada, weekly, evidence=Evidence())] * TIMES))
    assert Event.objects.filter(kind="list.unsubscribed").count() == 1
    assert Consent.objects.filter(action="withdrew").count() == 1


def test_leaving_everything_at_once_is_leaving_once(ada):
    without_errors(at_the_same_time(*[lambda: unsubscribe(ada, None, evidence=Evidence())] * TIMES))
    assert Suppression.objects.count() == 1
    assert Consent.objects.count() == 1


def test_confirming_and_leaving_come_one_after_the_other(ada, weekly, proof):
    subscription = subscribe(ada, weekly, evidence=proof)
    outcomes = at_the_same_time(
        lambda: confirm(subscription, 1, evidence=Evidence()),
        lambda: unsubscribe(ada, weekly, evidence=Evidence()),
    )
    # Whichever came first: who pressed "leave" has left.
    assert Subscription.objects.get().status == "unsubscribed"
    assert isinstance(outcomes[0], Subscription | SupersededConfirmation)
    assert outcomes[1] is None


def test_a_complaint_is_never_lifted_by_a_confirmation_at_that_moment(ada, weekly, proof):
    unsubscribe(ada, None, evidence=Evidence())
    subscription = subscribe(ada, weekly, evidence=proof)
    without_errors(
        at_the_same_time(
            lambda: confirm(subscription, subscription.round, evidence=Evidence()),
            lambda: suppress(ada, "commercial", "complained"),
        )
    )
    assert is_suppressed(ada, "commercial")
    assert Suppression.objects.get().reason == "complained"


def test_suppressing_at_once_is_one_suppression(wagtail_site):
    without_errors(at_the_same_time(*[lambda: suppress("ada@example.org", "all", "bounced")] * TIMES))
    assert Suppression.objects.count() == 1


def test_the_first_links_of_all_are_signed_with_one_key():
    made = without_errors(at_the_same_time(*[lambda: tokens.make("confirm", {"s": "a"})] * TIMES))
    assert SigningKey.objects.count() == 1
    assert [tokens.read("confirm", token) for token in made] == [{"s": "a"}] * TIMES
