"""SMS: to whom they go, what they say, and what Mailjet's API says to them."""

import json

from datetime import timedelta

import pytest

from tests.http_receiver import DROP, HANG
from tests.messages.deliveries import MINUTE, NOW, a_contact, a_list, states, subscribed
from wagtail_flows.contacts.models import Subscription
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock
from wagtail_flows.messages import reasons as common
from wagtail_flows.messages.deliver import deliver, next_due
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.queueing import NewDelivery, queue
from wagtail_flows.messages.replies import Sent
from wagtail_flows.messages.sms import reasons
from wagtail_flows.messages.sms.mailjet import MailjetProvider


pytestmark = pytest.mark.django_db

TAKEN = json.dumps({"MessageID": "2034", "SMSCount": 1, "Status": {"Code": 2, "Name": "sent", "Description": "-"}})


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def mailjet(receiver, settings):
    settings.FLOWS_SMS_PROVIDER = "wagtail_flows.messages.sms.mailjet.MailjetProvider"
    settings.FLOWS_MAILJET_SMS_TOKEN = "the-token"
    settings.FLOWS_MAILJET_SMS_URL = receiver.url
    settings.FLOWS_SMS_SENDER = "Atelier"
    return receiver


def an_sms(contact=None, *, text="Hello {{ contact.first_name }}", phone="+33 6 12 34 56 78", **values) -> Delivery:
    context = {"payload": {"text": text, "phone": phone, "sender": values.pop("sender", "")}}
    wish = {"basis": "transaction", "kind": "dispatch", "channel": "sms", "address": phone, "due_at": NOW, **values}
    (delivery,) = queue([NewDelivery((contact or a_contact(first_name="Zoë")).pk, context=context, **wish)])
    Delivery.objects.filter(pk=delivery.pk).update(queued_at=NOW)
    return Delivery.objects.get(pk=delivery.pk)


def standing(delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.status, delivery.reason


def test_an_sms_is_asked_of_mailjet_as_their_api_wants_it(mailjet):
    mailjet.answers((200, {}, TAKEN))
    delivery = an_sms()
    assert deliver(NOW) == 1
    assert standing(delivery) == ("sent", "")
    assert (delivery.provider_id, delivery.rendered_subject) == ("2034", "Hello Zoë")
    (call,) = mailjet.calls
    assert call.path == "/v4/sms-send"
    assert call.headers["authorization"] == "Bearer the-token"
    assert json.loads(call.body) == {"From": "Atelier", "To": "+33612345678", "Text": "Hello Zoë"}


def test_a_step_may_name_another_sender(mailjet):
    an_sms(sender="Shop")
    deliver(NOW)
    assert json.loads(mailjet.calls[0].body)["From"] == "Shop"


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("", reasons.NO_NUMBER),
        ("06 12 34 56 78", reasons.NUMBER_INVALID),
        ("+33 (0)6 12 34 56 78", reasons.NUMBER_INVALID),
        ("+0612345678", reasons.NUMBER_INVALID),
        ("call me", reasons.NUMBER_INVALID),
    ],
)
def test_who_has_no_number_that_all_the_world_can_dial_is_skipped(mailjet, phone, reason):
    delivery = an_sms(phone=phone)
    assert deliver(NOW) == 1
    assert standing(delivery) == ("skipped", reason)
    assert mailjet.calls == []


def error(status: int, text: str) -> tuple[int, dict[str, str], str]:
    return (
        status,
        {},
        json.dumps({"ErrorIdentifier": "x", "ErrorCode": "sms", "StatusCode": status, "ErrorMessage": text}),
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error(400, "Invalid number"), ("failed", reasons.REFUSED)),
        ((200, {}, '{"Status": {"Code": 5, "Name": "rejected"}}'), ("failed", reasons.REFUSED)),
        ((200, {}, "not JSON"), ("sent", "")),
        (error(429, "Slow down"), ("queued", reasons.BUSY)),
        (error(503, "Maintenance"), ("queued", reasons.BUSY)),
        (error(401, "Unknown token"), ("queued", common.SERVER_UNREACHABLE)),
        (error(402, "Wallet is empty"), ("queued", common.SERVER_UNREACHABLE)),
        (error(500, "Oops"), ("uncertain", reasons.SILENT)),
        (HANG, ("uncertain", reasons.SILENT)),
        (DROP, ("uncertain", reasons.SILENT)),
    ],
)
def test_what_the_api_answers_is_told_in_our_words(mailjet, answer, expected):
    mailjet.answers(answer)
    delivery = an_sms()
    deliver(NOW)
    assert standing(delivery) == expected
    assert len(mailjet.calls) == 1


def test_a_wrong_token_costs_no_attempt_and_the_queue_rests(mailjet):
    mailjet.answers(error(401, "Unknown token"))
    texts = [an_sms(a_contact(f"p{number}@example.org")) for number in range(3)]
    assert deliver(NOW) == 0
    assert len(mailjet.calls) == 1
    assert deliver(NOW + timedelta(seconds=59)) == 0
    assert deliver(NOW + MINUTE) == 3
    assert states(*texts) == ["sent"] * 3
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_an_api_that_is_not_there_costs_no_attempt(mailjet):
    mailjet.stop()
    delivery = an_sms()
    deliver(NOW)
    assert standing(delivery) == ("queued", common.SERVER_UNREACHABLE)
    assert delivery.attempts == 0


@pytest.mark.parametrize("name", ["FLOWS_MAILJET_SMS_TOKEN", "FLOWS_SMS_SENDER"])
def test_without_its_settings_all_wait(mailjet, settings, name):
    setattr(settings, name, "")
    delivery = an_sms()
    deliver(NOW)
    assert standing(delivery) == ("queued", common.SERVER_UNREACHABLE)
    assert name in delivery.error


def test_a_provider_that_does_not_exist_keeps_all_waiting(settings):
    settings.FLOWS_SMS_PROVIDER = "nowhere.Provider"
    delivery = an_sms()
    deliver(NOW)
    assert standing(delivery)[0] == "queued"


def test_without_a_provider_sms_are_shown_where_the_process_runs(capsys):
    delivery = an_sms()
    assert deliver(NOW) == 1
    assert standing(delivery) == ("sent", "")
    assert delivery.provider_id == "console"
    assert "to +33612345678:\nHello Zoë" in capsys.readouterr().out


def test_a_commercial_sms_needs_a_subscription_and_names_the_way_out(mailjet):
    club = a_list("Club")
    contact = a_contact()
    values = {"basis": "subscription", "mailing_list_id": club.pk, "text": "Sale! {{ links.unsubscribe }}"}
    stranger = an_sms(contact, **values)
    deliver(NOW)
    assert standing(stranger) == ("skipped", common.NOT_SUBSCRIBED)
    subscription = subscribed(contact, club)
    member = an_sms(contact, **values)
    deliver(NOW)
    assert standing(member) == ("sent", "")
    assert member.stream == "commercial"
    assert "/unsubscribe/" in json.loads(mailjet.calls[0].body)["Text"]
    Subscription.objects.filter(pk=subscription.pk).update(status="unsubscribed")
    left = an_sms(contact, **values)
    deliver(NOW)
    assert standing(left) == ("skipped", common.LEFT_LIST)


def test_who_is_suppressed_gets_no_sms(mailjet):
    contact = a_contact()
    suppress(contact.address, "all", "manual")
    delivery = an_sms(contact)
    deliver(NOW)
    assert standing(delivery) == ("skipped", common.SUPPRESSED)


@pytest.mark.parametrize("text", ["{{ contact.first_name", "{{ contact.nothing }}"])
def test_a_text_that_cannot_be_filled_in_or_says_nothing_fails(mailjet, text):
    delivery = an_sms(text=text)
    assert deliver(NOW) == 1
    assert standing(delivery) == ("failed", reasons.TEXT_UNUSABLE)


def test_a_provider_that_raises_leaves_a_doubt(mailjet, monkeypatch):
    def raising(self, sms):
        raise RuntimeError("broken")

    monkeypatch.setattr(MailjetProvider, "send", raising)
    delivery = an_sms()
    deliver(NOW)
    assert standing(delivery) == ("uncertain", reasons.SILENT)


def test_the_port_is_small_enough_for_a_provider_of_ones_own(settings):
    settings.FLOWS_SMS_PROVIDER = f"{__name__}.Pigeon"
    delivery = an_sms()
    deliver(NOW)
    assert standing(delivery) == ("sent", "")
    assert delivery.provider_id == "coo"


class Pigeon:
    def send(self, sms):
        return Sent("coo")

    def close(self):
        pass


def test_a_developer_says_how_many_sms_leave_in_a_minute(mailjet, settings):
    settings.FLOWS_TRANSPORT_RATES = {"default": 1, "sms": 12}
    mailjet.answers(*[(200, {}, TAKEN)] * 3)
    texts = [an_sms() for _number in range(3)]
    assert deliver(NOW) == 2
    assert states(*texts) == ["sent", "sent", "queued"]
    assert next_due(NOW) == NOW + MINUTE / 12
    with clock.moved(NOW + MINUTE / 12):
        assert deliver(NOW + MINUTE / 12) == 1
    assert states(*texts) == ["sent"] * 3


def test_sms_of_both_streams_take_from_the_same_rate(mailjet, settings):
    settings.FLOWS_TRANSPORT_RATES = {"sms": 6}
    mailjet.answers((200, {}, TAKEN))
    asked = an_sms()
    wanted = an_sms(basis="existing_customer")
    assert deliver(NOW) == 1
    assert states(asked, wanted) == ["sent", "queued"]
