"""A key, and requests made with it."""

import json

import pytest

from tests.engine.conftest import club, message, story  # noqa: F401  (fixtures)
from wagtail_flows.api.keys import new_secret
from wagtail_flows.api.models import ApiKey
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events import kinds
from wagtail_flows.lib import clock


OPEN = "review.written"


@pytest.fixture(scope="session", autouse=True)
def open_kind():
    kinds.register(kinds.EventKind(OPEN, "Review written", ("rating",), is_open=True))


def make_key(*scopes: str) -> str:
    """The secret of a new key."""
    secret, prefix, secret_hash = new_secret()
    ApiKey.objects.create(
        name="Test", prefix=prefix, secret_hash=secret_hash, scopes=list(scopes), created_at=clock.now()
    )
    return secret


@pytest.fixture
def secret(db) -> str:
    return make_key("events", "start")


@pytest.fixture
def anna(db):
    return get_or_create_contact("anna@example.org", now=clock.now())


@pytest.fixture
def ask(client, secret):
    """Makes a request with the key; `body` may be bytes."""

    def asked(path: str, body=None, **headers):
        sent = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        return client.post(
            f"/flows/api/{path}",
            sent,
            content_type=headers.pop("content_type", "application/json"),
            headers={"authorization": f"Bearer {secret}", **headers},
        )

    return asked
