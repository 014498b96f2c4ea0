"""Handing over to a provider's API by django-anymail: a real HTTP conversation with a server that answers as told."""

import pytest

from anymail.exceptions import AnymailInvalidAddress, AnymailSerializationError, AnymailUnsupportedFeature

from tests.messages.deliveries import NOW, a_contact, a_message, queued
from wagtail_flows.lib import clock
from wagtail_flows.messages import reasons
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.replies import PermanentRefusal, api_answer


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def delivery(wagtail_site):
    return queued(a_contact("alice@example.org"), a_message("Hello").translation_key)


def delivered(delivery):
    deliver(NOW)
    delivery.refresh_from_db()
    return delivery


def test_what_the_provider_takes_is_sent_and_keeps_the_providers_id(provider, delivery):
    assert (delivered(delivery).status, delivery.provider_id) == ("sent", "4711")
    [request] = provider.received
    headers = request["Globals"]["Headers"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<http")


@pytest.mark.parametrize(
    ("status", "becomes", "reason"),
    [
        (429, "queued", reasons.REFUSED_FOR_NOW),
        (400, "failed", reasons.REFUSED),
        (500, "uncertain", reasons.NO_ANSWER),
    ],
)
def test_a_refusal_by_status_is_certain_only_where_the_provider_is_clear(provider, delivery, status, becomes, reason):
    provider.status, provider.answer = status, {"ErrorMessage": "no"}
    assert (delivered(delivery).status, delivery.reason) == (becomes, reason)
    deliver(NOW)
    assert len(provider.received) == 1


@pytest.mark.parametrize("error", [AnymailUnsupportedFeature, AnymailSerializationError, AnymailInvalidAddress])
def test_what_anymail_refuses_before_it_asks_the_provider_has_certainly_not_left(error):
    answer = api_answer(error("no"))
    assert isinstance(answer, PermanentRefusal)
    assert answer.reason == reasons.CANNOT_BE_WRITTEN


def test_a_wrong_key_is_not_the_mails_fault(provider, delivery):
    provider.status, provider.answer = 401, {"ErrorMessage": "who are you?"}
    assert (delivered(delivery).status, delivery.attempts) == ("queued", 0)


def test_a_recipient_that_the_provider_rejects_is_failed(provider, delivery):
    provider.answer = {"Messages": [{"Status": "error", "Errors": [{"ErrorCode": "mj-0013", "StatusCode": 400}]}]}
    provider.status = 400
    assert delivered(delivery).status == "failed"
