"""A visitor and a form with an opt-in, through HTTP."""

import re

from datetime import timedelta

import pytest

from django.core import mail
from django.db.models import ProtectedError
from django.test import Client
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Locale

from tests.formsite.models import ContactField, ContactPage
from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts import signals
from wagtail_flows.contacts.models import Consent, Contact, Subscription
from wagtail_flows.contacts.subscriptions import Evidence, confirm
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db


def test_a_ticked_box_makes_a_pending_contact_with_evidence(visitor, contact_page, answers, weekly, heard):
    response = visitor.post("/contact/", answers, REMOTE_ADDR="192.0.2.7")
    assert "Thank you." in response.content.decode()
    contact = Contact.objects.get()
    assert (contact.address, contact.first_name, contact.last_name, contact.locale) == (
        "Ada@example.org",
        "Ada",
        "Lovelace",
        "en",
    )
    subscription = Subscription.objects.get()
    assert (subscription.mailing_list, subscription.status) == (weekly, "pending")
    assert heard == [("confirmation", subscription.pk, "en")]
    consent = Consent.objects.get()
    assert consent.wording == "Send me the weekly news\nOnce a week; leave at any time & for free."
    assert (consent.source, consent.page_id, consent.page_revision_id, consent.page_url, consent.locale) == (
        "form",
        contact_page.pk,
        contact_page.live_revision_id,
        "http://testserver/contact/",
        "en",
    )
    assert consent.page_revision_id
    assert consent.ip_address is None
    assert FormSubmission.objects.get().form_data["send_me_the_weekly_news"] is True


def test_the_ip_address_is_kept_only_where_the_site_wants_it(visitor, contact_page, answers, settings):
    settings.FLOWS_KEEP_IP_ADDRESSES = True
    settings.FLOWS_TRUSTED_PROXY_COUNT = 1
    visitor.post("/contact/", answers, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.7")
    assert Consent.objects.get().ip_address == "192.0.2.7"


def test_a_box_left_empty_subscribes_nobody(visitor, contact_page, answers, heard):
    del answers["send_me_the_weekly_news"]
    assert "Thank you." in visitor.post("/contact/", answers).content.decode()
    assert FormSubmission.objects.count() == 1
    assert not Contact.objects.exists()
    assert heard == []


def test_the_box_is_never_ticked_beforehand_and_never_required(visitor, contact_page):
    page = visitor.get("/contact/").content.decode()
    box = re.search(r'<input[^>]*name="send_me_the_weekly_news"[^>]*>', page).group()
    assert 'type="checkbox"' in box
    assert "checked" not in box
    assert "required" not in box
    assert not Contact.objects.exists()


def test_not_even_an_initial_value_of_the_form_ticks_it(contact_page):
    form = contact_page.get_form(initial={"send_me_the_weekly_news": True}, page=contact_page, user=None)
    assert "checked" not in str(form["send_me_the_weekly_news"])


def test_a_box_that_was_ticked_stays_so_when_the_form_comes_back(visitor, contact_page, answers):
    page = visitor.post("/contact/", {**answers, "your_e_mail": "no address"}).content.decode()
    assert "checked" in page
    assert not Contact.objects.exists()


def test_a_box_is_required_only_where_the_editor_says_so(visitor, contact_page, answers):
    ContactField.objects.filter(field_type="flows_opt_in").update(flows_is_required=True)
    del answers["send_me_the_weekly_news"]
    assert "Thank you." not in visitor.post("/contact/", answers).content.decode()
    assert not FormSubmission.objects.exists()


def test_the_landing_page_tells_nobody_whether_an_address_is_known(contact_page, answers, settings, heard):
    settings.FLOWS_CONFIRMATIONS_PER_ADDRESS = 1

    def landing() -> str:
        return Client().post("/contact/", answers).content.decode()

    unknown = landing()
    pending = landing()
    with clock.moved(clock.now() + timedelta(minutes=2)):
        limited = landing()
    confirm(Subscription.objects.get(), 1, evidence=Evidence())
    subscribed = landing()
    assert unknown == pending == limited == subscribed
    assert Consent.objects.filter(action="asked").count() == 4


def test_confirmations_are_limited_by_origin(contact_page, answers, settings, heard):
    settings.FLOWS_CONFIRMATIONS_PER_ORIGIN = 2
    with clock.moved(clock.now()):
        for number in range(4):
            Client().post("/contact/", {**answers, "your_e_mail": f"p{number}@example.org"}, REMOTE_ADDR="192.0.2.7")
        assert heard.kinds == ["confirmation"] * 2
        Client().post("/contact/", {**answers, "your_e_mail": "p9@example.org"}, REMOTE_ADDR="192.0.2.8")
    assert heard.kinds == ["confirmation"] * 3
    assert Subscription.objects.count() == 5


def test_several_opt_ins_on_one_form_are_several_consents(visitor, contact_page, answers, drops, heard):
    contact_page.form_fields.add(ContactField(label="New arrivals", field_type="flows_opt_in", flows_list=drops))
    contact_page.save_revision().publish()
    visitor.post("/contact/", {**answers, "new_arrivals": "on"})
    assert Subscription.objects.count() == 2
    assert heard.kinds == ["confirmation", "confirmation"]
    assert set(Consent.objects.values_list("list_name", "wording")) == {
        ("Weekly news", "Send me the weekly news\nOnce a week; leave at any time & for free."),
        ("New arrivals", "New arrivals"),
    }


def test_the_language_is_that_of_the_page(visitor, contact_page, answers, wagtail_site, heard, weekly):
    french = Locale.objects.get(language_code="fr")
    page = contact_page.copy(update_attrs={"slug": "contact-fr", "locale": french}, reset_translation_key=True)
    page.save_revision().publish()
    visitor.post("/contact-fr/", answers, headers={"accept-language": "pl"})
    assert Contact.objects.get().locale == "fr"
    assert heard.pop()[2] == "fr"
    assert Consent.objects.get().locale == "fr"


@pytest.mark.parametrize(
    "name",
    ["x" * 255, "😀" * 250, "Ada\u202egnirts", "<script>alert(1)</script>", "O'Brien; DROP TABLE", "\ud7ff\ue000"],
)
def test_odd_names_are_taken_as_they_are(visitor, contact_page, answers, name):
    assert "Thank you." in visitor.post("/contact/", {**answers, "first_name": name}).content.decode()
    assert Contact.objects.get().first_name == name[:150]
    assert FormSubmission.objects.get().form_data["first_name"] == name


def test_a_name_of_300_characters_is_refused_by_the_form_or_cut(visitor, contact_page, answers):
    ContactField.objects.filter(label="First name").update(field_type="multiline")
    assert "Thank you." in visitor.post("/contact/", {**answers, "first_name": "é" * 300}).content.decode()
    assert Contact.objects.get().first_name == "é" * 150
    assert FormSubmission.objects.get().form_data["first_name"] == "é" * 300


def test_a_body_in_another_encoding_loses_no_submission(visitor, contact_page):
    body = b"your_e_mail=ada%40example.org&first_name=Ad%E9la%EFde\xe9&send_me_the_weekly_news=on"
    response = visitor.generic("POST", "/contact/", body, content_type="application/x-www-form-urlencoded")
    assert "Thank you." in response.content.decode()
    assert Contact.objects.get().key == "ada@example.org"
    assert FormSubmission.objects.count() == 1


@pytest.mark.parametrize("address", ["", "not an address", "ada@home@example.org", "ada\u200b@example.org", "x" * 5000])
def test_an_address_that_no_mail_can_go_to_never_loses_the_submission(visitor, contact_page, answers, address, caplog):
    ContactField.objects.filter(label="Your e-mail").update(
        field_type="multiline", required=False, flows_maps_to="email"
    )
    assert "Thank you." in visitor.post("/contact/", {**answers, "your_e_mail": address}).content.decode()
    assert FormSubmission.objects.count() == 1
    assert not Contact.objects.exists()
    assert "Nobody subscribed" in caplog.text
    assert not address.strip() or address not in caplog.text


def test_a_form_without_an_address_field_keeps_its_submissions(visitor, contact_page, answers):
    ContactField.objects.filter(label="Your e-mail").delete()
    assert "Thank you." in visitor.post("/contact/", answers).content.decode()
    assert FormSubmission.objects.count() == 1
    assert not Contact.objects.exists()


def test_an_opt_in_without_a_list_subscribes_nobody(visitor, contact_page, answers):
    ContactField.objects.filter(field_type="flows_opt_in").update(flows_list=None)
    assert "Thank you." in visitor.post("/contact/", answers).content.decode()
    assert not Contact.objects.exists()


def test_the_first_e_mail_field_tells_the_address_unless_another_is_mapped(visitor, contact_page, answers):
    contact_page.form_fields.add(ContactField(label="Friend", field_type="email", flows_maps_to="email"))
    contact_page.save_revision().publish()
    visitor.post("/contact/", {**answers, "friend": "bob@example.org"})
    assert Contact.objects.get().key == "bob@example.org"


def test_a_label_that_changes_keeps_its_answer(visitor, contact_page, answers):
    ContactField.objects.filter(field_type="flows_opt_in").update(label="Other words")
    visitor.post("/contact/", answers)
    assert Consent.objects.get().wording.startswith("Other words\n")


def test_the_notice_to_the_owner_still_leaves_once(visitor, contact_page, answers):
    ContactPage.objects.update(to_address="owner@example.org", subject="Form")
    visitor.post("/contact/", answers)
    assert [message.to for message in mail.outbox] == [["owner@example.org"]]
    assert "Send me the weekly news: True" in mail.outbox[0].body


def test_a_failing_mail_server_takes_neither_submission_nor_wish_with_it(contact_page, answers, settings, heard):
    ContactPage.objects.update(to_address="owner@example.org", subject="Form\nBcc: all@example.org")
    Client(raise_request_exception=False).post("/contact/", answers)
    assert FormSubmission.objects.count() == 1
    assert Subscription.objects.get().status == "pending"


def test_a_list_that_a_form_uses_cannot_be_deleted(contact_page, weekly):
    with pytest.raises(ProtectedError):
        weekly.delete()


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_two_submissions_and_one_wish(contact_page, answers, heard):
    responses = without_errors(at_the_same_time(*[lambda: Client().post("/contact/", answers)] * 4))
    assert [response.status_code for response in responses] == [200] * 4
    assert FormSubmission.objects.count() == 4
    assert Contact.objects.count() == 1
    assert Subscription.objects.get().round == 1
    assert heard.kinds == ["confirmation"]
    assert Consent.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_the_wish_is_rolled_back_with_the_submission(contact_page, answers, monkeypatch):
    class Unplugged(RuntimeError):
        pass

    def fail(**kwargs):
        raise Unplugged

    signals.confirmation_wanted.connect(fail)
    try:
        with pytest.raises(Unplugged):
            Client().post("/contact/", answers)
    finally:
        signals.confirmation_wanted.disconnect(fail)
    assert not FormSubmission.objects.exists()
    assert not Contact.objects.exists()


def test_a_bent_page_works_too(visitor, bent_page):
    response = visitor.post("/bent/", {"address": "ada@example.org", "news": "on", "puzzle": "42"})
    assert response.content == b"Landed."
    assert Subscription.objects.get().status == "pending"
    assert FormSubmission.objects.get().form_data == {"address": "ada@example.org", "news": True}
