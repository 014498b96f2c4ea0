from datetime import timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.contacts import tokens
from wagtail_flows.contacts.links import confirm_url, unsubscribe_url
from wagtail_flows.contacts.subscriptions import subscribe
from wagtail_flows.lib import clock, signing_keys
from wagtail_flows.lib.models import SigningKey


pytestmark = pytest.mark.django_db


def test_a_token_says_what_was_signed():
    token = tokens.make("confirm", {"s": "abc", "r": 3})
    assert tokens.read("confirm", token) == {"s": "abc", "r": 3}


def test_a_token_is_good_for_one_purpose():
    with pytest.raises(tokens.ForeignToken) as foreign:
        tokens.read("confirm", tokens.make("unsubscribe", {"c": "abc"}))
    assert foreign.value.payload == {"c": "abc"}


def test_a_token_expires_only_where_an_age_is_asked_for():
    token = tokens.make("confirm", {})
    with clock.moved(clock.now() + timedelta(days=7, seconds=2)):
        with pytest.raises(tokens.ExpiredToken):
            tokens.read("confirm", token, max_age=timedelta(days=7))
        assert tokens.read("confirm", token) == {}
    with clock.moved(clock.now() + timedelta(days=6)):
        assert tokens.read("confirm", token, max_age=timedelta(days=7)) == {}


def test_a_token_survives_a_new_secret_key(settings):
    token = tokens.make("unsubscribe", {"c": "abc"})
    settings.SECRET_KEY = "another"
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.read("unsubscribe", token) == {"c": "abc"}


def test_a_token_survives_a_new_signing_key():
    token = tokens.make("unsubscribe", {"c": "abc"})
    SigningKey.objects.create(version=2, secret="newer")
    signing_keys.forget()
    assert signing_keys.signing_key() == "newer"
    assert tokens.read("unsubscribe", token) == {"c": "abc"}
    assert tokens.make("unsubscribe", {"c": "abc"}) != token


def test_reading_a_forged_token_makes_no_key():
    with pytest.raises(tokens.ForgedToken):
        tokens.read("confirm", "abc.def")
    assert not SigningKey.objects.exists()


@pytest.mark.parametrize(
    "bend", [lambda t: t[:-1], lambda t: t[1:], lambda t: t + "a", lambda t: t.upper(), lambda t: "."]
)
def test_a_damaged_token_is_forged(bend):
    with pytest.raises(tokens.ForgedToken):
        tokens.read("confirm", bend(tokens.make("confirm", {"s": "abc"})))


@given(st.text(max_size=2000))
def test_any_text_is_read_or_refused(text):
    tokens.make("confirm", {})
    with pytest.raises(tokens.ForgedToken):
        tokens.read("confirm", text)


def test_links_stand_on_the_host_of_the_list(ada, weekly, proof, wagtail_site, settings):
    settings.FLOWS_BASE_URL = "https://news.example.org"
    subscription = subscribe(ada, weekly, evidence=proof)
    assert confirm_url(subscription).startswith("https://news.example.org/flows/confirm/")
    assert unsubscribe_url(ada, None).startswith("https://news.example.org/flows/unsubscribe/")
    weekly.site = wagtail_site
    assert unsubscribe_url(ada, weekly).startswith("http://localhost/flows/unsubscribe/")
    assert len(unsubscribe_url(ada, weekly, ada.public_id)) < 400
