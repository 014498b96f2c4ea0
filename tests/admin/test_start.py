"""Starting a scenario by hand, as seen from the admin."""

import pytest

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.drawing import scenario as drawn
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.models import Scenario
from wagtail_flows.segments.models import Segment


START = "/admin/flows/start/"


@pytest.fixture
def by_hand(world):
    graph = {**drawn("placed > wait 1d > send thanks"), "triggers": [{"id": "t1", "kind": "manual"}]}
    scenario = Scenario(name="By hand", graph=graph)
    scenario.save()
    scenario.save_revision().publish()
    return Scenario.objects.get(pk=scenario.pk)


def page(**asked) -> str:
    return f"{START}?{'&'.join(f'{name}={value}' for name, value in asked.items())}"


def entered(scenario) -> int:
    return Enrollment.objects.filter(scenario=scenario).count()


def test_a_contact_is_started_from_its_page(client, world, by_hand, who_may):
    client.force_login(who_may)
    url = page(contact=world.contact.pk)
    assert url in client.get(reverse("flows_contacts:inspect", args=[world.contact.pk])).content.decode()
    response = client.get(url)
    assert response.context["scenario"] == by_hand
    assert (response.context["forecast"].total, response.context["forecast"].inside) == (1, 0)
    assert entered(by_hand) == 0
    answer = client.post(url, {"key": response.context["key"]}, follow=True)
    assert "1 of 1 contact came in" in answer.content.decode()
    assert entered(by_hand) == 1
    assert ManualStart.objects.get().started_by == who_may
    assert client.get(url).context["forecast"].inside == 1


def test_pressing_twice_starts_once(admin_client, world, by_hand):
    url = page(contact=world.contact.pk)
    key = {"key": admin_client.get(url).context["key"]}
    admin_client.post(url, key)
    assert "nothing was done twice" in admin_client.post(url, key, follow=True).content.decode()
    assert entered(by_hand) == 1


def test_the_people_of_a_segment_are_started_and_the_scenario_shows_how_far_it_is(
    admin_client, world, by_hand, settings
):
    settings.FLOWS_BATCH_SIZE = 1
    for name in ("bea", "cleo"):
        get_or_create_contact(f"{name}@example.org", now=clock.now())
    everybody = Segment.objects.create(name="Everybody", rule={"match": "all", "rules": []})
    assert page(segment=everybody.pk) in (
        admin_client.get(reverse("flows_segments:inspect", args=[everybody.pk])).content.decode()
    )
    answer = admin_client.post(page(segment=everybody.pk, scenario=by_hand.pk), follow=True)
    assert "The others follow" in answer.content.decode()
    told = admin_client.get(reverse("flows_scenarios:inspect", args=[by_hand.pk])).content.decode()
    assert "Started by hand" in told
    assert "going on" in told


def test_a_selection_is_noted_first_and_started_on_the_next_page(admin_client, world, by_hand):
    url = reverse("wagtail_bulk_action", args=["wagtail_flows", "contact", "start_scenario"])
    listing = reverse("flows_contacts:index")
    response = admin_client.post(f"{url}?id={world.contact.pk}&next={listing}")
    row = ManualStart.objects.get()
    assert response.url == page(prepared=row.key)
    assert (row.contacts, row.begun_at, entered(by_hand)) == ([world.contact.pk], None, 0)
    assert "1 chosen contact" in admin_client.get(response.url).content.decode()
    admin_client.post(response.url)
    assert entered(by_hand) == 1


def test_all_in_a_listing_are_chosen_as_its_search_left_them(admin_client, world, by_hand):
    get_or_create_contact("bea@example.org", now=clock.now())
    url = reverse("wagtail_bulk_action", args=["wagtail_flows", "contact", "start_scenario"])
    admin_client.post(f"{url}?id=all&next={reverse('flows_contacts:index')}%3Fq%3Danna")
    assert ManualStart.objects.get().contacts == [world.contact.pk]


def test_what_another_prepared_is_not_mine(client, world, by_hand, who_may, admin_user):
    row = ManualStart.objects.create(key="0" * 32, started_by=admin_user, prepared_at=clock.now(), contacts=[1])
    client.force_login(who_may)
    assert client.get(page(prepared=row.key)).status_code == 404
    assert client.post(page(contact=world.contact.pk), {"key": row.key}).status_code == 404
    assert entered(by_hand) == 0


def test_with_no_scenario_to_start_the_page_says_what_to_do(admin_client, world):
    assert "with a trigger of the kind" in admin_client.get(page(contact=world.contact.pk)).content.decode()
    answer = admin_client.post(page(contact=world.contact.pk), follow=True)
    assert "can’t be started by hand" in answer.content.decode()


@pytest.mark.parametrize(
    "asked",
    ["", "contact=0", "contact=x", "contact=" + "9" * 40, "segment=99", "prepared=x", "prepared=%00", "contact=-1"],
)
def test_what_is_not_there_is_not_found(admin_client, world, by_hand, asked):
    assert admin_client.get(f"{START}?{asked}").status_code == 404
    assert admin_client.post(f"{START}?{asked}").status_code == 404


@pytest.mark.parametrize("missing", ["start_scenario", "contact"])
def test_it_needs_the_permission_to_start_and_to_see_contacts(client, world, by_hand, who_may, missing):
    group = who_may.groups.get()
    group.permissions.remove(*Permission.objects.filter(codename__endswith=missing))
    client.force_login(who_may)
    for answer in (client.get(page(contact=world.contact.pk)), client.post(page(contact=world.contact.pk))):
        assert (answer.status_code, answer.url) == (302, reverse("wagtailadmin_home"))
    assert entered(by_hand) == 0


def test_readers_and_strangers_are_offered_nothing(client, world, by_hand, who_reads, who_may_not):
    url = page(contact=world.contact.pk)
    assert client.get(url).url.startswith("/admin/login/")
    for user in (who_reads, who_may_not):
        client.force_login(user)
        assert client.get(url).status_code == 302
        assert client.post(url).status_code == 302
    client.force_login(who_reads)
    assert START not in client.get(reverse("flows_contacts:inspect", args=[world.contact.pk])).content.decode()
    assert entered(by_hand) == 0


def test_a_forged_post_is_refused(world, by_hand, admin_user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert strict.post(page(contact=world.contact.pk)).status_code == 403
    assert entered(by_hand) == 0
