"""Pausing, resuming, archiving and restoring by buttons, and what the pages say then."""

import pytest

from django.urls import reverse
from wagtail.models import ModelLogEntry

from wagtail_flows.models import Scenario


def address(name, made):
    return reverse(f"flows_scenarios:{name}", args=[made.pk])


@pytest.fixture
def made(world) -> Scenario:
    return Scenario.objects.get(pk=world.enrollment.scenario_id)


def test_archiving_hides_it_from_the_listing_and_restoring_brings_it_back(admin_client, made):
    listing = reverse("flows_scenarios:list")
    page = admin_client.post(address("archive", made), {"inside": "finish"}, follow=True).text
    assert "Archived: nobody comes in" in page
    assert "Restore" in page
    assert made.name not in admin_client.get(listing).context["object_list"].values_list("name", flat=True)
    for shown in ("only", "all"):
        assert made in admin_client.get(listing, {"archived": shown}).context["object_list"]
    admin_client.post(address("restore", made))
    assert made in admin_client.get(listing).context["object_list"]
    assert made not in admin_client.get(listing, {"archived": "only"}).context["object_list"]
    actions = set(ModelLogEntry.objects.values_list("action", flat=True))
    assert {"wagtail_flows.archive", "wagtail_flows.restore"} <= actions


@pytest.mark.parametrize("data", [{}, {"inside": "stay"}])
def test_nonsense_archives_nothing(admin_client, made, data):
    admin_client.post(address("archive", made), data)
    assert Scenario.objects.get(pk=made.pk).archived_at is None


@pytest.mark.parametrize("data", [{"spread": "soon"}, {"spread": "7"}])
def test_nonsense_resumes_nothing(admin_client, made, data):
    Scenario.objects.filter(pk=made.pk).update(is_paused=True)
    admin_client.post(address("resume", made), data)
    assert Scenario.objects.get(pk=made.pk).is_paused


def test_the_page_of_a_paused_one_says_how_many_are_overdue(admin_client, made):
    admin_client.post(address("pause", made))
    page = admin_client.get(address("inspect", made)).text
    assert "overdue" in page
    admin_client.post(address("resume", made), {"spread": "240"})
    assert not Scenario.objects.get(pk=made.pk).is_paused


@pytest.mark.parametrize("name", ["archive", "restore", "pause", "resume"])
def test_only_who_may_publish_does_it(client, made, who_reads, who_may_not, name):
    before = Scenario.objects.values().get(pk=made.pk)
    for user in (who_reads, who_may_not):
        client.force_login(user)
        assert client.post(address(name, made), {"inside": "leave", "spread": "60"}).status_code == 302
    assert client.get(address(name, made)).status_code in {302, 405}
    assert Scenario.objects.values().get(pk=made.pk) == before
