"""The example site: seeded twice without harm, in two languages, its login for this machine only."""

import pytest

from django.core.management import call_command
from django.urls import clear_url_caches
from wagtail.models import Page, Site

from example_site.flow_texts import REVIEW, WELCOME
from example_site.models import FormPage, HomePage
from example_site.shop_demo import signing
from wagtail_flows.messages.personalize import personalize
from wagtail_flows.models import MailingList, Scenario
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.situation import EventSnapshot


@pytest.fixture
def example(wagtail_site, settings, tmp_path):
    settings.DATA_DIR, settings.DEMO_SHOP, settings.WAGTAILADMIN_BASE_URL = tmp_path, "Atelier", "http://localhost:8000"
    signing.key.cache_clear()
    settings.PORT, settings.ROOT_URLCONF, settings.DEBUG = 8000, "example_site.urls", True
    settings.AUTHENTICATION_BACKENDS = ["example_site.auth.LoopbackBackend"]
    call_command("seed_example")
    clear_url_caches()
    Site.clear_site_root_paths_cache()
    return Site.objects.get(is_default_site=True)


def test_seeding_twice_doubles_nothing(example, django_user_model):
    call_command("seed_example")
    assert (HomePage.objects.count(), FormPage.objects.count(), MailingList.objects.count()) == (2, 4, 1)
    assert django_user_model.objects.count() == 1
    assert Site.objects.count() == 1
    assert not Page.find_problems()[0]


def test_seeding_again_keeps_what_was_changed_by_hand(example):
    HomePage.objects.update(headline="Mine")
    call_command("seed_example")
    assert set(HomePage.objects.values_list("headline", flat=True)) == {"Mine"}


def test_links_follow_the_port_of_this_start(example, settings):
    settings.PORT = 8001
    call_command("seed_example")
    assert Site.objects.get().root_url == "http://localhost:8001"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Bread that takes its time"),
        ("/contact/", "Yes, send me the newsletter"),
        ("/newsletter/", "Yes, send me the newsletter"),
        ("/fr/", "Le pain qui prend son temps"),
        ("/fr/newsletter/", "Oui, envoyez-moi"),
    ],
)
def test_every_page_opens(example, client, path, words):
    answer = client.get(path, HTTP_HOST="localhost:8000")
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_the_login_works_at_this_machine_only(example, client):
    login = {"username": "demo", "password": "demo"}
    assert client.post("/admin/login/", login, REMOTE_ADDR="192.0.2.7", HTTP_HOST="localhost").status_code == 200
    assert client.post("/admin/login/", login, HTTP_X_FORWARDED_FOR="::1", HTTP_HOST="localhost").status_code == 200
    assert client.post("/admin/login/", login, REMOTE_ADDR="::1", HTTP_HOST="localhost").status_code == 302


@pytest.mark.parametrize(("is_full", "leaves"), [(False, False), (True, True)])
def test_a_part_of_the_money_back_leaves_the_review_request_alone(example, is_full, leaves):
    version = Scenario.objects.get(name="Ask for a review").current_version
    refund = EventSnapshot("order.refunded", version.published_at, {"is_full": is_full}, "order:1")
    assert any(rule.matches(refund, "order:1") for rule in parse(version.graph).exits) is leaves


def test_a_letter_to_somebody_without_a_name_has_no_comma_before_nothing():
    nobody = {"contact": {"first_name": ""}}
    assert personalize(REVIEW["en"].subject, nobody) == "How was the bread?"
    assert personalize(WELCOME["Welcome 1: hello"]["en"].heading, nobody) == "Good that you are here"
