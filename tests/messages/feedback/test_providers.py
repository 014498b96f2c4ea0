"""Each provider is given the delivery's id, and gives it back in what it reports."""

import hashlib
import hmac
import json

import pytest

from tests.messages.deliveries import NOW, a_contact, a_message, queued
from tests.messages.feedback.webhooks import AN_HOUR, PHONE, mailjet, posted
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.models import Delivery


pytestmark = pytest.mark.django_db

OPENED_AT = NOW + AN_HOUR
EPOCH = int(OPENED_AT.timestamp())
ALICE = "alice@example.org"


@pytest.fixture(autouse=True)
def _now(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def delivery(wagtail_site):
    return queued(a_contact(ALICE), a_message("Hello").translation_key)


def by_mailjet(sent, delivery):
    return [
        {"event": "open", "time": EPOCH, "email": ALICE, "agent": PHONE, "Payload": sent["Globals"]["EventPayload"]}
    ]


def by_postmark(sent, delivery):
    told = {"RecordType": "Open", "Recipient": ALICE, "ReceivedAt": OPENED_AT.isoformat(), "UserAgent": PHONE}
    return {**told, "Metadata": sent["Metadata"]}


def by_sendgrid(sent, delivery):
    told = {"event": "open", "timestamp": EPOCH, "email": ALICE, "useragent": PHONE, "sg_event_id": "x"}
    return [{**told, **sent["custom_args"]}]


def by_brevo(sent, delivery):
    told = {"event": "unique_opened", "ts_epoch": EPOCH * 1000, "email": ALICE}
    return {**told, "X-Mailin-custom": sent["headers"]["X-Mailin-custom"]}


def by_mailgun(sent, delivery):
    signature = hmac.new(b"key", f"{EPOCH}token".encode(), hashlib.sha256).hexdigest()
    variables = {name.removeprefix("v:"): value for name, value in sent.items() if name.startswith("v:")}
    data = {"event": "opened", "timestamp": EPOCH, "recipient": ALICE, "client-info": {"user-agent": PHONE}}
    return {
        "signature": {"token": "token", "timestamp": str(EPOCH), "signature": signature},
        "event-data": {**data, "user-variables": variables},
    }


TAKEN = {"ErrorCode": 0, "Message": "OK", "To": ALICE, "MessageID": "x"}
PROVIDERS = {
    "mailjet": (by_mailjet, None, {}),
    "postmark": (by_postmark, TAKEN, {"POSTMARK_SERVER_TOKEN": "key"}),
    "sendgrid": (by_sendgrid, {}, {"SENDGRID_API_KEY": "key"}),
    "brevo": (by_brevo, {"messageId": "<x@example.org>"}, {"BREVO_API_KEY": "key"}),
    "mailgun": (by_mailgun, {"id": "<x@example.org>", "message": "Queued."}, {"MAILGUN_API_KEY": "key"}),
}


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
@pytest.mark.parametrize("name", PROVIDERS)
def test_an_open_comes_back_to_its_delivery(provider, settings, delivery, name):
    says, answer, own = PROVIDERS[name]
    provider.use(settings, name, **own)
    provider.answer = answer or provider.answer
    deliver(NOW)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error) == ("sent", "")
    with clock.moved(NOW + 2 * AN_HOUR):
        assert posted(name, says(provider.received[-1], delivery)) == 200
    event = Event.objects.get()
    assert (event.kind, event.contact_id, event.occurred_at) == ("message.opened", delivery.contact_id, OPENED_AT)
    assert event.data == {"message": str(delivery.message_key), "by": "human"}


def test_a_provider_that_takes_no_metadata_still_sends(provider, settings, delivery):
    provider.use(settings, "mailersend", MAILERSEND_API_TOKEN="key")
    provider.status, provider.answer = 202, {}
    other = queued(a_contact("bob@example.org"), delivery.message_key)
    deliver(NOW)
    # It answers without an id in its body, which anymail doesn't mind.
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}
    assert len(provider.received) == 2
    assert other.public_id.hex not in json.dumps(provider.received)


def test_strangers_are_not_heard(provider, delivery):
    deliver(NOW)
    assert posted("mailjet", [mailjet("open", delivery)], authorization="Basic eDp5") == 400
    assert not Event.objects.exists()
