"""API keys in the admin: shown once, switched off, taken away."""

import re

import pytest

from django.urls import reverse

from wagtail_flows.api.keys import find
from wagtail_flows.api.models import ApiKey


ADD = "flows_api_keys:add"
SECRET = re.compile(r'value="(flows_[^"]+)"')


@pytest.fixture
def made(client, world, who_may):
    client.force_login(who_may)
    return client.post(reverse(ADD), {"name": "Shop", "scopes": ["events"], "is_active": "on"})


def test_a_new_key_is_shown_once_and_lets_in(client, made, who_may):
    secret = SECRET.search(made.content.decode()).group(1)
    key = find(secret)
    assert (key.name, key.scopes, key.created_by) == ("Shop", ["events"], who_may)
    assert "no-store" in made["Cache-Control"]
    for name in ("inspect", "edit"):
        page = client.get(reverse(f"flows_api_keys:{name}", args=[key.pk])).content.decode()
        assert "Shop" in page
        assert secret not in page
        assert key.secret_hash not in page


def test_a_key_is_switched_off_and_deleted(client, made):
    secret = SECRET.search(made.content.decode()).group(1)
    key = find(secret)
    client.post(reverse("flows_api_keys:edit", args=[key.pk]), {"name": "Shop", "scopes": ["events", "start"]})
    assert find(secret) is None
    key.refresh_from_db()
    assert (key.is_active, key.scopes) == (False, ["events", "start"])
    client.post(reverse("flows_api_keys:delete", args=[key.pk]))
    assert not ApiKey.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize(
    "data", [{}, {"name": "Shop"}, {"name": "Shop", "scopes": ["everything"]}, {"scopes": ["events"]}]
)
def test_a_key_needs_a_name_and_something_that_it_may(admin_client, world, data):
    response = admin_client.post(reverse(ADD), data)
    assert response.status_code == 200
    assert not SECRET.search(response.content.decode())
    assert ApiKey.objects.count() == 1


def test_readers_make_none(client, world, who_reads):
    client.force_login(who_reads)
    client.post(reverse(ADD), {"name": "Shop", "scopes": ["events"]})
    assert ApiKey.objects.count() == 1
