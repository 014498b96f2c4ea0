"""Who is let in, and what becomes of requests that can't be read."""

from datetime import UTC, datetime, timedelta

import pytest

from django.test import Client

from tests.api.conftest import OPEN, make_key
from wagtail_flows.api.keys import find, hashed
from wagtail_flows.api.models import ApiKey
from wagtail_flows.api.requests import WRONG_KEYS_A_MINUTE
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def problem(response) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    content = response.json()
    assert content["status"] == response.status_code
    assert content["detail"]
    return response.status_code, content["code"]


def test_the_secret_is_not_stored(secret):
    key = ApiKey.objects.get()
    assert find(secret) == key
    assert key.secret_hash == hashed(secret)
    assert secret not in str(vars(key))


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", "Basic {}", "Bearer flows", "Bearer flows__", "Bearer {}x", "Bearer x{}", "Bearer é",
     "Bearer flows_%s_x", "{}", "Bearer " + "a" * 9000],
)  # fmt: skip
def test_a_wrong_key_is_401_and_says_how_to_show_one(ask, secret, shown):
    response = ask("events", {}, authorization=shown.replace("{}", secret))
    assert problem(response) == (401, "key")
    assert response["WWW-Authenticate"] == "Bearer"


def test_without_a_key_and_with_one_that_is_switched_off_it_is_401(ask, client):
    assert problem(client.post("/flows/api/events", b"{}", content_type="application/json")) == (401, "key")
    ApiKey.objects.update(is_active=False)
    assert problem(ask("events")) == (401, "key")


def test_a_key_may_do_what_its_scopes_say(client, db):
    for scope, path in (("start", "events"), ("events", "scenarios/5f0c8f0e-6d3a-4c1e-9a57-3f1d2b7c9e10/start")):
        headers = {"authorization": f"Bearer {make_key(scope)}"}
        response = client.post(f"/flows/api/{path}", b"{}", content_type="application/json", headers=headers)
        assert problem(response) == (403, "scope")


def test_looking_changes_nothing(client, secret):
    response = client.get("/flows/api/events", headers={"authorization": f"Bearer {secret}"})
    assert problem(response) == (405, "method")
    assert response["Allow"] == "POST"
    assert ApiKey.objects.get().last_used_at is None


def test_both_addresses_are_answered_with_and_without_a_slash(ask):
    assert problem(ask("events/"))[0] == 422
    assert problem(ask("scenarios/5f0c8f0e-6d3a-4c1e-9a57-3f1d2b7c9e10/start/")) == (404, "unknown_scenario")


def test_no_token_against_forgery_is_needed_because_no_browser_sends_the_key_by_itself(secret):
    strict = Client(enforce_csrf_checks=True)
    headers = {"authorization": f"Bearer {secret}"}
    assert strict.post("/flows/api/events", b"{}", content_type="application/json", headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b" ", (400, "json")),
        (b"{", (400, "json")),
        (b"[]", (400, "json")),
        (b"null", (400, "json")),
        (b'{"a": 1, "a": 2}', (400, "json")),
        (b'{"a": NaN}', (400, "json")),
        (b'{"a": "\\u0000"}', (400, "json")),
        (b"[" * 5000, (400, "json")),
        (b'{"a": "\xff"}', (400, "encoding")),
        (b"{}", (422, "invalid")),
    ],
)
def test_a_body_that_cannot_be_read_is_told(ask, body, expected):
    assert problem(ask("events", body)) == expected


def test_only_json_is_taken(ask):
    assert problem(ask("events", b"a=b", content_type="application/x-www-form-urlencoded")) == (415, "content_type")
    assert problem(ask("events", b"{}", content_type="application/json; charset=utf-8"))[0] == 422


def test_too_much_is_refused_whatever_the_length_says(ask, settings):
    settings.FLOWS_API_MAX_BYTES = 1024
    assert problem(ask("events", b" " * 1025)) == (413, "too_large")
    assert problem(ask("events", b"{}", **{"content-length": "9" * 40}))[0] in (400, 413, 422)


def test_a_key_has_so_many_requests_a_minute(ask, settings):
    settings.FLOWS_API_REQUESTS_PER_MINUTE = 2
    with clock.moved(NOON):
        assert [ask("events").status_code for _ in range(3)] == [422, 422, 429]
        response = ask("events")
        assert problem(response) == (429, "too_many")
        assert response["Retry-After"] == "60"
    with clock.moved(NOON + timedelta(minutes=1)):
        assert ask("events").status_code == 422


def test_who_tries_keys_gets_no_answer_soon_and_a_right_key_still_works(ask):
    with clock.moved(NOON):
        tried = [
            ask("events", authorization=f"Bearer {number}").status_code for number in range(WRONG_KEYS_A_MINUTE + 1)
        ]
        assert tried == [401] * WRONG_KEYS_A_MINUTE + [429]
        assert ask("events").status_code == 422


def test_its_last_use_is_noted_once_a_minute(ask, anna):
    body = {"kind": OPEN, "address": "anna@example.org", "key": "1"}
    for seconds, noted in ((0, 0), (30, 0), (90, 90)):
        with clock.moved(NOON + timedelta(seconds=seconds)):
            ask("events", body)
        assert ApiKey.objects.get().last_used_at == NOON + timedelta(seconds=noted)
    assert Event.objects.count() == 1
