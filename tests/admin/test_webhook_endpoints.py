"""The admin of webhook endpoints: the secret is shown once, and what scenarios call can't be deleted."""

import pytest

from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.drawing import scenario
from wagtail_flows.messages.models import WebhookEndpoint
from wagtail_flows.scenarios.models import Scenario


@pytest.fixture
def endpoint(world) -> WebhookEndpoint:
    return world.endpoint


def address(name: str, *args: object) -> str:
    return reverse(f"flows_webhook_endpoints:{name}", args=args)


def test_an_endpoint_is_made_and_its_secret_is_not_shown(admin_client, world):
    data = {"name": "Stock", "url": "https://stock.example/hook", "is_active": "on"}
    response = admin_client.post(address("add"), data, follow=True)
    made = WebhookEndpoint.objects.get(name="Stock")
    assert made.secret.startswith("whsec_")
    for url in (address("index"), address("inspect", made.pk), address("edit", made.pk)):
        page = admin_client.get(url).content.decode()
        assert "Stock" in page
        assert made.secret not in page
    assert made.secret not in response.content.decode()


@pytest.mark.parametrize(
    ("url", "told"), [("http://example.org/", "https://"), ("https://u:p@example.org/", "is not an address")]
)
def test_an_address_that_could_never_be_called_is_refused(admin_client, world, url, told):
    page = admin_client.post(address("add"), {"name": "Stock", "url": url})
    assert told in page.content.decode()
    assert not WebhookEndpoint.objects.filter(name="Stock").exists()


def test_a_new_secret_is_shown_once_in_the_answer_and_nowhere_else(admin_client, endpoint):
    before = endpoint.secret
    page = admin_client.post(address("renew", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.secret != before
    assert endpoint.previous_secret == before
    assert endpoint.secret in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert endpoint.secret not in admin_client.get(address("inspect", endpoint.pk)).content.decode()
    entry = ModelLogEntry.objects.get(action="wagtail_flows.renew_secret")
    assert endpoint.secret not in str(entry.data)


def test_who_may_only_read_gets_no_secret(client, who_reads, endpoint):
    client.force_login(who_reads)
    client.post(address("renew", endpoint.pk))
    before = endpoint.secret
    endpoint.refresh_from_db()
    assert endpoint.secret == before
    assert "Make a new secret" not in client.get(address("inspect", endpoint.pk)).content.decode()


def test_what_a_scenario_calls_cannot_be_deleted(admin_client, endpoint):
    graph = scenario("list.subscribed > wait 1d > exit")
    step = {"id": "tell", "kind": "call_webhook", "webhook": str(endpoint.public_id), "outlets": {"next": "wait-1"}}
    Scenario.objects.create(
        name="Tells the warehouse", graph={**graph, "start": "tell", "steps": [step, *graph["steps"]]}
    )
    page = admin_client.post(address("delete", endpoint.pk))
    assert page.status_code == 409
    assert "Tells the warehouse" in page.content.decode()
    assert WebhookEndpoint.objects.filter(pk=endpoint.pk).exists()
