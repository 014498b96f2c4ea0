"""The contact's page, its form and what can be done there."""

from datetime import date
from decimal import Decimal

import pytest

from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.messages.deliveries import prepare
from wagtail_flows.contacts.models import Consent, Contact, MailingList, Property, Subscription, Suppression
from wagtail_flows.contacts.subscriptions import Evidence, subscribe
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery


@pytest.fixture
def contact_url(world):
    return lambda name: reverse(f"flows_contacts:{name}", args=[world.contact.pk])


def logged(row, action):
    return ModelLogEntry.objects.for_instance(row).filter(action=f"wagtail_flows.{action}").count()


def form_data(**changes):
    empty = {"first_name": "", "last_name": "", "locale": "", "time_zone": ""}
    return {**empty, "address": "anna@example.org", **changes}


def test_the_page_shows_who_what_when_and_why(admin_client, world, contact_url):
    page = admin_client.get(contact_url("inspect")).text
    for text in ("Anna", "Yes, write to me", "https://example.org/contact/", "Merci Anna", "41.99", "After delivery"):
        assert text in page
    assert "The mail server never said whether it took the e-mail." in page
    assert page.index("asked to subscribe") < page.index(">confirmed<")


def test_markup_in_what_people_typed_is_shown_and_not_run(admin_client, wagtail_site):
    nasty = "<script>alert(1)</script>"
    contact = get_or_create_contact("x@example.org", first_name=nasty, now=clock.now())
    mailing_list = MailingList.objects.create(name=nasty, public_name="News")
    subscribe(contact, mailing_list, evidence=Evidence(wording=nasty, source="form", page_url="https://x.example/?<b>"))
    pages = [reverse("flows_contacts:index"), reverse("flows_contacts:inspect", args=[contact.pk])]
    pages.append(reverse("flows_lists:index"))
    for page in pages:
        assert nasty not in admin_client.get(page).text


def test_suppressing_by_hand_holds_the_address_and_leaves_a_trace(admin_client, world, contact_url):
    response = admin_client.post(contact_url("suppress"), {"suppress-scope": "all", "suppress-note": "asked by phone"})
    assert response.url == contact_url("inspect")
    suppression = Suppression.objects.get(key_hash=world.contact.key_hash)
    assert (suppression.scope, suppression.reason, suppression.note) == ("all", "manual", "asked by phone")
    assert logged(world.contact, "suppress") == 1
    assert "asked by phone" in admin_client.get(contact_url("inspect")).text


def test_a_suppression_without_a_known_scope_is_refused_with_a_reason(admin_client, world, contact_url):
    page = admin_client.post(contact_url("suppress"), {"suppress-scope": "none"}, follow=True)
    assert "Select a valid choice" in page.text
    assert not Suppression.objects.filter(key_hash=world.contact.key_hash).exists()


def test_unsubscribing_by_hand_is_kept_as_evidence_of_who_did_it(admin_client, world, contact_url):
    admin_client.post(contact_url("leave"), {"leave-mailing_list": world.mailing_list.pk})
    assert Subscription.objects.get().status == "unsubscribed"
    withdrawal = Consent.objects.get(action="withdrew")
    assert (withdrawal.source, "owner" in withdrawal.wording) == ("admin", True)
    assert logged(world.contact, "unsubscribe") == 1


def test_subscribing_by_hand_only_asks(admin_client, world, contact_url):
    other = MailingList.objects.create(name="Offers", public_name="Offers")
    admin_client.post(contact_url("ask"), {"ask-mailing_list": other.pk})
    assert Subscription.objects.get(mailing_list=other).status == "pending"
    assert Delivery.objects.filter(kind="confirmation", mailing_list=other).count() == 1


def test_who_is_asked_by_hand_isnt_told_that_they_asked(admin_client, world, contact_url):
    other = MailingList.objects.create(name="Offers", public_name="Offers")
    admin_client.post(contact_url("ask"), {"ask-mailing_list": other.pk})
    asked = Delivery.objects.get(kind="confirmation", mailing_list=other)
    text = prepare([asked])[asked.pk].rendered.text
    assert "souhaite vous envoyer «\N{NO-BREAK SPACE}Offers" in text
    assert "Vous avez demandé" not in text


def test_a_list_that_they_are_on_isnt_offered_by_hand(admin_client, world, contact_url):
    admin_client.post(contact_url("ask"), {"ask-mailing_list": world.mailing_list.pk})
    assert not Delivery.objects.filter(kind="already_subscribed").exists()
    assert Subscription.objects.get().status == "subscribed"


def test_a_list_without_double_opt_in_cant_be_subscribed_to_by_hand(admin_client, world, contact_url):
    single = MailingList.objects.create(name="Single", public_name="Single", is_double_opt_in=False)
    admin_client.post(contact_url("ask"), {"ask-mailing_list": single.pk})
    assert not Subscription.objects.filter(mailing_list=single).exists()


def test_a_contact_added_by_hand_has_its_key(admin_client, wagtail_site):
    admin_client.post(reverse("flows_contacts:add"), form_data(address=" Berenice@Bücher.example"))
    contact = Contact.objects.get()
    assert (contact.address, contact.key) == ("Berenice@Bücher.example", "berenice@xn--bcher-kva.example")
    assert contact.created_at is not None


@pytest.mark.parametrize(
    ("typed", "said"),
    [("ANNA@example.org", "exists already"), ("not an address", "valid"), ("a@b@c", "valid")],
)
def test_an_address_that_is_known_or_none_is_said_at_the_field(admin_client, world, typed, said):
    page = admin_client.post(reverse("flows_contacts:add"), form_data(address=typed))
    assert page.status_code == 200
    assert said in page.text
    assert Contact.objects.count() == 1


def test_the_address_that_consent_was_given_for_cant_be_swapped(admin_client, world, contact_url):
    page = admin_client.post(contact_url("edit"), form_data(address="other@example.org"))
    assert "consent holds for that address only" in page.text
    admin_client.post(contact_url("edit"), form_data(address="Anna@Example.org", is_never_asked_for_review="on"))
    world.contact.refresh_from_db()
    assert (world.contact.address, world.contact.is_never_asked_for_review) == ("Anna@Example.org", True)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", " blue ", "blue"),
        ("number", "41.5", Decimal("41.5")),
        ("boolean", "Yes", True),
        ("boolean", "no", False),
        ("date", "1990-02-28", date(1990, 2, 28)),
    ],
)
def test_a_property_is_set_and_taken_away_by_hand(admin_client, world, contact_url, kind, typed, stored):
    prop = Property.objects.create(name=f"my_{kind}", label=kind, type=kind)
    for value in (typed, typed):
        admin_client.post(contact_url("property"), {"property-property": prop.pk, "property-value": value})
    assert world.contact.properties.get(property=prop).value == stored
    admin_client.post(contact_url("property"), {"property-property": prop.pk, "property-value": ""})
    assert not world.contact.properties.filter(property=prop).exists()


@pytest.mark.parametrize(("kind", "typed"), [("number", "many"), ("boolean", "perhaps"), ("date", "30 February")])
def test_a_value_of_the_wrong_type_is_refused_with_a_reason(admin_client, world, contact_url, kind, typed):
    prop = Property.objects.create(name=f"my_{kind}", label=kind, type=kind)
    answer = admin_client.post(
        contact_url("property"), {"property-property": prop.pk, "property-value": typed}, follow=True
    )
    assert "Enter" in answer.text
    assert not world.contact.properties.filter(property=prop).exists()


def test_erasing_a_contact_keeps_a_fingerprint_only(admin_client, world, contact_url):
    admin_client.post(contact_url("suppress"), {"suppress-scope": "commercial", "suppress-note": "Anna said so"})
    Suppression.objects.filter(key_hash=world.contact.key_hash).delete()
    assert "evidence of consent" in admin_client.get(contact_url("delete")).text
    admin_client.post(contact_url("delete"))
    assert not Contact.objects.exists()
    kept = Suppression.objects.get(key_hash=world.contact.key_hash)
    assert (kept.address, kept.scope, kept.reason) == ("", "commercial", "erased")
    assert "anna" not in str(list(ModelLogEntry.objects.values("label", "data")))
    assert ModelLogEntry.objects.filter(action="wagtail.delete", label="erased contact").count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "wolf"}, True),
        ({"q": "nobody"}, False),
        ({"status": "subscribed"}, True),
        ({"status": "pending"}, False),
        ({"is_suppressed": "true"}, False),
        ({"locale": "fr"}, True),
        ({"is_never_asked_for_review": "true"}, False),
    ],
)
def test_contacts_are_found_by_text_and_filters(admin_client, world, query, found):
    for name in ("index", "index_results"):
        assert ("Anna Wolf" in admin_client.get(reverse(f"flows_contacts:{name}"), query).text) == found


def test_list_and_status_are_asked_of_the_same_subscription(admin_client, world):
    other = MailingList.objects.create(name="Offers", public_name="Offers")
    subscribe(world.contact, other, evidence=Evidence())
    url = reverse("flows_contacts:index")
    assert "Anna Wolf" in admin_client.get(url, {"mailing_list": other.pk, "status": "pending"}).text
    assert "Anna Wolf" not in admin_client.get(url, {"mailing_list": other.pk, "status": "subscribed"}).text


def test_an_export_runs_no_formula_and_is_logged(admin_client, world):
    get_or_create_contact("eve@example.org", first_name='=HYPERLINK("http://x")', last_name="+1", now=clock.now())
    response = admin_client.get(reverse("flows_contacts:index"), {"export": "csv", "q": "eve"})
    text = b"".join(response.streaming_content).decode()
    assert "\"'=HYPERLINK(" in text
    assert "'+1" in text
    entry = ModelLogEntry.objects.get(action="wagtail_flows.export")
    assert entry.data == {"format": "csv", "rows": 1, "filters": {"q": ["eve"]}}
    assert entry.user.username == "owner"


def test_a_property_keeps_its_type_once_it_has_values(admin_client, world):
    url = reverse("flows_properties:edit", args=[world.prop.pk])
    page = admin_client.post(url, {"label": "Shoe size", "name": "shoe_size", "type": "text"})
    assert "can&#x27;t change any more" in page.text
    assert Property.objects.get().type == "number"


def test_an_address_is_suppressed_without_being_a_contact_and_once_only(admin_client, wagtail_site):
    url = reverse("flows_suppressions:add")
    values = {"address": "Bob@example.org", "scope": "all", "note": "letter"}
    admin_client.post(url, values)
    assert Suppression.objects.get().reason == "manual"
    assert "suppressed already" in admin_client.post(url, {**values, "address": "bob@example.org"}).text
    assert "valid e-mail" in admin_client.post(url, {**values, "address": "bob"}).text
    assert Suppression.objects.count() == 1
