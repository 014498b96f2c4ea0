"""Webhooks to a real receiver: signed, called again when it is certain that that does no harm, in doubt otherwise."""

import base64
import hashlib
import hmac
import json

from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.http_receiver import DROP, HANG
from tests.messages.deliveries import MINUTE, NOW, a_contact, a_message, queued, states
from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock
from wagtail_flows.messages.channels.webhook import BUSY, GONE, NOT_CALLABLE, REFUSED, SILENT, UNREACHABLE, ready_calls
from wagtail_flows.messages.deliver import deliver, next_due, rescue
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.leasing import lease
from wagtail_flows.messages.queueing import NewDelivery, UnknownChannel, queue
from wagtail_flows.messages.webhook_model import WebhookEndpoint


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def endpoint(receiver) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(name="Warehouse", url=f"{receiver.url}/hooks?a=b")


def a_call(endpoint, about=None, **payload) -> Delivery:
    context = {"subject": "order:1", "event": {"number": "21"}, "step": "tell"}
    context["payload"] = {"endpoint": str(endpoint.public_id), **payload}
    values = {"kind": "dispatch", "channel": "webhook", "basis": "transaction", "context": context, "due_at": NOW}
    (delivery,) = queue([NewDelivery((about or a_contact()).pk, **values)])
    Delivery.objects.filter(pk=delivery.pk).update(queued_at=NOW)
    return Delivery.objects.get(pk=delivery.pk)


def standing(delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.status, delivery.reason


def verified(call, secret) -> bool:
    """As a receiver does it, by the specification and not by our code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    ours = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{ours}" in call.headers["webhook-signature"].split(" ")


def test_a_call_is_made_once_and_signed_for_its_receiver(receiver, endpoint):
    delivery = a_call(endpoint)
    assert deliver(NOW) == 1
    assert deliver(NOW) == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.rendered_subject) == ("sent", 1, "Warehouse")
    (call,) = receiver.calls
    assert call.path == "/hooks?a=b"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["webhook-id"] == str(delivery.public_id)
    assert abs(int(call.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert verified(call, endpoint.secret)
    assert not verified(call, WebhookEndpoint(name="other").secret)


def test_the_body_tells_what_the_step_was_told_to_tell(receiver, endpoint):
    contact = a_contact(first_name="Zoë")
    size = Property.objects.create(name="shoe_size", label="Shoe size", type="number")
    ContactProperty.objects.create(contact=contact, property=size, number=41)
    delivery = a_call(endpoint, contact, contact=["first_name", "shoe_size", "nothing"], event=True, data={"a": 1})
    deliver(NOW)
    body = json.loads(receiver.calls[0].body)
    assert body["type"] == "scenario.step"
    assert body["timestamp"] == NOW.isoformat()
    assert body["data"] == {
        "delivery": str(delivery.public_id),
        "scenario": {},
        "step": "tell",
        "subject": "order:1",
        "contact": {"id": str(contact.public_id), "first_name": "Zoë", "shoe_size": 41, "nothing": None},
        "data": {"a": 1},
        "event": {"number": "21"},
    }


def test_nothing_is_told_that_was_not_asked_for(receiver, endpoint):
    a_call(endpoint)
    deliver(NOW)
    data = json.loads(receiver.calls[0].body)["data"]
    assert list(data["contact"]) == ["id"]
    assert "event" not in data
    assert b"alice@example.org" not in receiver.calls[0].body


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_not_now_is_called_again_later_with_the_same_id(receiver, endpoint, status):
    delivery = a_call(endpoint)
    receiver.answers((status, {}, "busy"))
    assert deliver(NOW) == 0
    assert standing(delivery) == ("queued", BUSY)
    assert (delivery.due_at, delivery.error) == (NOW + MINUTE, f"{status} busy")
    assert next_due(NOW) == NOW + MINUTE
    assert deliver(NOW + MINUTE) == 1
    assert standing(delivery) == ("sent", "")
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1


@pytest.mark.parametrize(("asked", "minutes"), [("3600", 60), ("5", 1), ("999999", 24 * 60), ("soon", 1)])
def test_retry_after_is_obeyed_within_bounds(receiver, endpoint, asked, minutes):
    delivery = a_call(endpoint)
    receiver.answers((429, {"Retry-After": asked}, ""))
    deliver(NOW)
    delivery.refresh_from_db()
    assert delivery.due_at == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410])
def test_a_refusal_and_a_redirect_are_final(receiver, endpoint, status):
    delivery = a_call(endpoint)
    receiver.answers((status, {"Location": f"{receiver.url}/elsewhere"}, "no"))
    assert deliver(NOW) == 1
    assert standing(delivery) == ("failed", REFUSED)
    assert len(receiver.calls) == 1


@pytest.mark.parametrize("point", [HANG, DROP])
def test_silence_after_the_call_began_is_a_doubt(receiver, endpoint, point):
    delivery = a_call(endpoint)
    receiver.answers(point)
    assert deliver(NOW) == 1
    assert standing(delivery) == ("uncertain", SILENT)
    assert deliver(NOW + timedelta(days=2)) == 0
    assert len(receiver.calls) == 1


@pytest.mark.parametrize("point", [HANG, DROP])
def test_a_receiver_that_knows_repeats_is_called_again_in_doubt(receiver, endpoint, point):
    WebhookEndpoint.objects.update(is_repeat_safe=True)
    delivery = a_call(endpoint)
    receiver.answers(point)
    assert deliver(NOW) == 0
    assert standing(delivery) == ("queued", SILENT)
    assert deliver(NOW + MINUTE) == 1
    assert standing(delivery) == ("sent", "")
    assert [call.headers["webhook-id"] for call in receiver.calls] == [str(delivery.public_id)] * 2


def test_who_cannot_be_reached_is_called_again(endpoint, receiver):
    receiver.stop()
    delivery = a_call(endpoint)
    assert deliver(NOW) == 0
    assert standing(delivery) == ("queued", UNREACHABLE)
    assert delivery.attempts == 1


def test_a_receiver_in_trouble_neither_stops_the_others_nor_is_waited_for_twice(receiver, endpoint, settings):
    other = WebhookEndpoint.objects.create(name="Other", url=f"{receiver.url}/other")
    silent = WebhookEndpoint.objects.create(name="Gone", url="http://127.0.0.1:1/")
    calls = [a_call(one) for one in [silent] * 12 + [endpoint, other]]
    assert deliver(NOW) == 2
    assert states(*calls) == ["queued"] * 12 + ["sent"] * 2


def test_a_private_address_is_never_called(receiver, endpoint, settings):
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = False
    WebhookEndpoint.objects.update(url=endpoint.url.replace("http://", "https://"))
    delivery = a_call(endpoint)
    assert deliver(NOW) == 1
    assert standing(delivery) == ("failed", NOT_CALLABLE)
    assert receiver.calls == []


def test_without_tls_nothing_is_called_outside_of_development(receiver, endpoint, settings):
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = False
    WebhookEndpoint.objects.update(url="http://example.org/")
    delivery = a_call(endpoint)
    deliver(NOW)
    assert standing(delivery) == ("failed", NOT_CALLABLE)


@pytest.mark.parametrize("how", ["delete", "switch off"])
def test_a_call_to_an_endpoint_that_is_gone_is_skipped(receiver, endpoint, how):
    delivery = a_call(endpoint)
    if how == "delete":
        WebhookEndpoint.objects.all().delete()
    else:
        WebhookEndpoint.objects.update(is_active=False)
    assert deliver(NOW) == 1
    assert standing(delivery) == ("skipped", GONE)
    assert receiver.calls == []


def test_the_old_secret_signs_for_a_day_beside_the_new_one(receiver, endpoint):
    old = endpoint.secret
    new = endpoint.renew_secret(timezone.now())
    a_call(endpoint)
    deliver(NOW)
    assert verified(receiver.calls[0], old)
    assert verified(receiver.calls[0], new)
    WebhookEndpoint.objects.update(secret_made_at=timezone.now() - timedelta(hours=25))
    a_call(endpoint)
    deliver(NOW)
    assert not verified(receiver.calls[1], old)
    assert verified(receiver.calls[1], new)


def test_a_webhook_is_not_written_to_the_contact_so_a_suppression_does_not_stop_it(receiver, endpoint):
    contact = a_contact()
    suppress(contact.address, "all", "manual")
    delivery = a_call(endpoint, contact)
    deliver(NOW)
    assert standing(delivery) == ("sent", "")


def test_a_lost_worker_leaves_one_call_in_doubt_or_to_be_repeated(receiver, endpoint):
    safe = WebhookEndpoint.objects.create(name="Safe", url=receiver.url, is_repeat_safe=True)
    calls = [a_call(endpoint), a_call(safe)]
    for held in lease("webhook", "transactional", NOW).deliveries:
        is_safe = held.pk == calls[1].pk
        Delivery.objects.filter(pk=held.pk).update(
            status="sending", attempts=1, is_repeatable=is_safe, leased_until=timezone.now() - MINUTE
        )
    assert rescue(NOW) == 2
    assert states(*calls) == ["uncertain", "queued"]
    assert deliver(NOW + MINUTE) == 1
    assert states(*calls) == ["uncertain", "sent"]


def test_what_kills_its_worker_every_time_is_not_repeated_for_ever(receiver, endpoint, settings):
    settings.FLOWS_MAX_ATTEMPTS = 3
    delivery = a_call(endpoint)
    Delivery.objects.update(
        status="sending",
        attempts=3,
        is_repeatable=True,
        leased_until=timezone.now() - MINUTE,
    )
    rescue(NOW)
    assert standing(delivery)[0] == "uncertain"


def test_mail_and_calls_take_turns(receiver, endpoint, rude_server, settings):
    settings.FLOWS_DELIVERY_BATCH_SIZE = 1
    message = a_message("Hello")
    seen = []
    receiver.at_call(lambda: seen.append(len(rude_server.accepted)))
    for number in range(3):
        queued(a_contact(f"p{number}@example.org"), message.translation_key)
        a_call(endpoint)
    assert deliver(NOW) == 6
    assert len(receiver.calls) == len(rude_server.accepted) == 3
    assert seen[0] < 3


def test_a_batch_costs_as_many_queries_whatever_its_size(endpoint):
    def cost(count: int) -> int:
        calls = [a_call(endpoint, a_contact(f"q{count}-{number}@example.org")) for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert len(ready_calls(list(Delivery.objects.filter(pk__in=[one.pk for one in calls])))) == count
        return len(queries)

    assert cost(2) == cost(9)


def test_a_channel_that_nobody_brings_cannot_be_queued():
    with pytest.raises(UnknownChannel, match="pigeon"):
        queue([NewDelivery(a_contact().pk, channel="pigeon", basis="transaction")])
