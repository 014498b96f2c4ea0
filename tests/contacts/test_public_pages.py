"""The pages behind the links of our mails, asked as browsers, mail programs and scanners ask."""

from datetime import timedelta

import pytest

from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from wagtail_flows.contacts.links import confirm_url, unsubscribe_url
from wagtail_flows.contacts.models import Consent, Subscription, Suppression
from wagtail_flows.contacts.subscriptions import Evidence, confirm, subscribe, unsubscribe
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    """A visitor without an account, and without the CSRF protection being off."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def pending(ada, weekly, proof) -> Subscription:
    return subscribe(ada, weekly, evidence=proof)


def path(url: str) -> str:
    return url.removeprefix("http://localhost")


def rows() -> list:
    return [
        *Subscription.objects.values(),
        *Suppression.objects.values(),
        Event.objects.count(),
        Consent.objects.count(),
    ]


def text(response) -> str:
    return response.content.decode()


def test_opening_the_link_shows_a_button_and_changes_nothing(browser, pending):
    before = rows()
    link = path(confirm_url(pending))
    for ask in (browser.get, browser.head, lambda url: browser.get(url, headers={"purpose": "prefetch"})):
        assert ask(link).status_code == 200
    page = text(browser.get(link))
    assert '<form method="post">' in page
    assert "Weekly news" in page
    assert "Ada@Example.org" in page
    assert rows() == before


def test_pressing_the_button_confirms_with_its_evidence(browser, pending, weekly):
    link = path(confirm_url(pending))
    response = browser.post(link, REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 200
    assert "Your subscription to “Weekly news” is confirmed." in text(response)
    assert Subscription.objects.get().status == "subscribed"
    consent = Consent.objects.get(action="confirmed")
    assert (consent.wording, consent.source, consent.mailing_list) == (
        "Confirm my subscription to “Weekly news”",
        "link",
        weekly,
    )
    assert consent.page_url == "http://testserver/flows/confirm/"


def test_a_link_used_before_says_so(browser, pending):
    link = path(confirm_url(pending))
    browser.post(link)
    before = rows()
    for ask in (browser.get, browser.post):
        response = ask(link)
        assert response.status_code == 200
        assert "Already confirmed" in text(response)
    assert rows() == before


def test_a_link_of_an_earlier_round_says_so(browser, ada, weekly, proof, pending):
    link = path(confirm_url(pending))
    unsubscribe(ada, weekly, evidence=Evidence())
    assert browser.get(link).status_code == 410
    subscribe(ada, weekly, evidence=proof)
    before = rows()
    for ask in (browser.get, browser.post):
        response = ask(link)
        assert response.status_code == 410
        assert "no longer valid" in text(response)
        assert "<form" not in text(response)
    assert rows() == before


def test_an_expired_link_says_so(browser, pending, settings):
    settings.FLOWS_CONFIRMATION_DAYS = 2
    link = path(confirm_url(pending))
    with clock.moved(clock.now() + timedelta(days=2, minutes=1)):
        for ask in (browser.get, browser.post):
            response = ask(link)
            assert response.status_code == 410
            assert "has expired" in text(response)
    assert Subscription.objects.get().status == "pending"


@pytest.mark.parametrize("name", ["confirm", "unsubscribe"])
@pytest.mark.parametrize("token", ["x", "a.b.c", "\x00", "é", "<script>alert(1)", "a" * 3000, "."])
def test_a_forged_link_says_so(browser, pending, name, token):
    confirm_url(pending)
    for ask in (browser.get, browser.post):
        response = ask(reverse(f"wagtail_flows:{name}", args=[token]))
        assert response.status_code == 400
        assert "This link is damaged" in text(response)
        assert "<script>" not in text(response)


def test_a_link_for_another_purpose_says_so(browser, ada, weekly, pending):
    to_confirm = confirm_url(pending).rstrip("/").rpartition("/")[2]
    to_leave = unsubscribe_url(ada, weekly).rstrip("/").rpartition("/")[2]
    before = rows()
    for name, token in (("confirm", to_leave), ("unsubscribe", to_confirm)):
        for ask in (browser.get, browser.post):
            response = ask(reverse(f"wagtail_flows:{name}", args=[token]))
            assert response.status_code == 400
            assert "for something else" in text(response)
    assert rows() == before


def test_a_link_of_an_erased_contact_says_so(browser, ada, weekly, pending):
    links = [path(confirm_url(pending)), path(unsubscribe_url(ada, weekly))]
    ada.delete()
    for link in links:
        for ask in (browser.get, browser.post):
            response = ask(link)
            assert response.status_code == 404
            assert "nothing here any more" in text(response)


def test_a_link_for_a_list_of_another_site_leads_there(browser, weekly, pending, wagtail_site):
    weekly.site = Site.objects.create(
        hostname="shop.example.org", port=443, root_page=wagtail_site.root_page, site_name="The shop"
    )
    weekly.save()
    token = confirm_url(pending).rstrip("/").rpartition("/")[2]
    response = browser.get(reverse("wagtail_flows:confirm", args=[token]))
    assert response.status_code == 404
    assert f'href="https://shop.example.org/flows/confirm/{token}/"' in text(response)
    assert browser.post(reverse("wagtail_flows:confirm", args=[token])).status_code == 404
    assert Subscription.objects.get().status == "pending"
    there = browser.get(
        reverse("wagtail_flows:confirm", args=[token]), headers={"host": "shop.example.org"}, secure=True
    )
    assert there.status_code == 200


def test_leaving_works_on_every_site_and_for_ever(browser, ada, weekly, pending, wagtail_site):
    weekly.site = Site.objects.create(hostname="shop.example.org", port=443, root_page=wagtail_site.root_page)
    weekly.save()
    confirm(pending, 1, evidence=Evidence())
    token = unsubscribe_url(ada, weekly).rstrip("/").rpartition("/")[2]
    with clock.moved(clock.now() + timedelta(days=4000)):
        assert browser.post(reverse("wagtail_flows:unsubscribe", args=[token])).status_code == 200
    assert Subscription.objects.get().status == "unsubscribed"


def test_leaving_needs_a_press_and_says_what_was_left(browser, ada, weekly, pending):
    confirm(pending, 1, evidence=Evidence())
    link = path(unsubscribe_url(ada, weekly))
    before = rows()
    page = text(browser.get(link))
    assert "Unsubscribe from “Weekly news”" in page
    browser.head(link)
    assert rows() == before

    response = browser.post(link)
    assert "Ada@Example.org gets no more e-mails from “Weekly news”." in text(response)
    assert "login" not in text(response)
    assert Subscription.objects.get().status == "unsubscribed"
    consent = Consent.objects.get(action="withdrew")
    assert (consent.source, consent.wording) == ("link", "Unsubscribe from “Weekly news”")
    assert browser.post(link).status_code == 200
    assert Consent.objects.filter(action="withdrew").count() == 1
    again = text(browser.get(link))
    assert "You are unsubscribed" in again
    assert "<form" not in again


def test_mail_without_a_list_leaves_all_commercial_mail(browser, ada):
    response = browser.post(path(unsubscribe_url(ada, None)))
    assert "no more newsletters, offers or requests for a review from localhost" in text(response)
    suppression = Suppression.objects.get()
    assert (suppression.scope, suppression.reason) == ("commercial", "unsubscribed")
    assert "<form" not in text(browser.get(path(unsubscribe_url(ada, None))))


def test_a_mail_program_leaves_with_one_click(browser, ada, weekly, pending):
    confirm(pending, 1, evidence=Evidence())
    link = path(unsubscribe_url(ada, weekly))
    for _time in range(2):
        response = browser.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain")
        assert "<" not in text(response)
    assert Subscription.objects.get().status == "unsubscribed"
    assert Consent.objects.get(action="withdrew").source == "one-click"


def test_one_click_may_come_as_multipart_too(browser, ada, weekly, pending):
    response = browser.post(path(unsubscribe_url(ada, weekly)), {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, text(response)) == (200, "Unsubscribed.\n")


def test_one_click_on_a_forged_link_is_refused_in_plain_text(browser):
    response = browser.post("/flows/unsubscribe/x/", {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")


def test_the_link_of_a_deleted_list_still_stops_mail(browser, ada, weekly):
    link = path(unsubscribe_url(ada, weekly))
    weekly.delete()
    assert browser.post(link).status_code == 200
    assert Suppression.objects.get().scope == "commercial"


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods_are_refused(browser, ada, method):
    assert getattr(browser, method)(path(unsubscribe_url(ada, None))).status_code == 405


def test_the_pages_are_private_and_load_nothing_from_elsewhere(browser, ada, weekly, pending):
    links = [path(confirm_url(pending)), path(unsubscribe_url(ada, weekly)), "/flows/confirm/x/"]
    for link in links:
        response = browser.get(link)
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert response["X-Frame-Options"] == "DENY"
        assert not response.cookies
        page = text(response)
        assert 'name="viewport"' in page
        assert "prefers-color-scheme: dark" in page
        for loaded in ("<script", "<link", "<img", "<iframe", "url(", "@import", "http://", "https://"):
            assert loaded not in page


def test_the_language_is_that_of_the_contact_not_of_the_browser(browser, make_contact, weekly):
    contact = make_contact("zofia@example.org", locale="pl-PL")
    subscription = subscribe(contact, weekly, evidence=Evidence(locale=""))
    for link in (path(confirm_url(subscription)), path(unsubscribe_url(contact, weekly))):
        response = browser.get(link, headers={"accept-language": "fr"})
        assert '<html lang="pl" dir="ltr">' in text(response)
        assert response["Content-Language"] == "pl"


def test_the_language_used_when_asking_comes_before_the_contacts_own(browser, make_contact, weekly):
    contact = make_contact("zofia@example.org", locale="pl")
    subscription = subscribe(contact, weekly, evidence=Evidence(locale="fr"))
    assert '<html lang="fr"' in text(browser.get(path(confirm_url(subscription))))
    browser.post(path(confirm_url(subscription)))
    assert Consent.objects.get(action="confirmed").locale == "fr"


def test_who_has_no_language_is_answered_in_the_browsers(browser, make_contact, weekly):
    contact = make_contact("zofia@example.org")
    response = browser.get(path(unsubscribe_url(contact, weekly)), headers={"accept-language": "fr"})
    assert '<html lang="fr"' in text(response)


def test_names_of_lists_are_escaped(browser, ada, weekly, proof):
    weekly.public_name = "<b>100%</b> %(list)s & more"
    weekly.public_description = "<script>alert(1)</script>"
    weekly.save()
    subscription = subscribe(ada, weekly, evidence=proof)
    page = text(browser.get(path(confirm_url(subscription))))
    assert "&lt;b&gt;100%&lt;/b&gt; %(list)s &amp; more" in page
    assert "<script>" not in page
    assert "100%" in text(browser.post(path(confirm_url(subscription))))
