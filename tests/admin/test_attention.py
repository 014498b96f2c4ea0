"""The page of what needs attention, its place in the menu, and what monitors are told."""

from datetime import timedelta

import pytest

from django.core.cache import cache
from django.urls import reverse

from tests.admin.conftest import our_permissions, person
from wagtail_flows.attention.asking import count_for
from wagtail_flows.contrib.django_q2.schedule import ensure_schedule
from wagtail_flows.engine import heartbeat
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.shop.models import Shop


PAGE = "/admin/flows/attention/"
HEALTH = "/flows/health/"
TOKEN = "correct horse battery staple"


@pytest.fixture(autouse=True)
def fresh(db):
    """Somebody works, and no number is remembered."""
    cache.clear()
    heartbeat.answer_bell()
    ensure_schedule(using="default")


@pytest.fixture
def well(world):
    """The world as if nothing had gone wrong in it."""
    Delivery.objects.update(status="sent")
    return world


def asked(client, **headers):
    return client.get(HEALTH, headers=headers)


def test_the_page_says_what_is_so_what_to_do_and_where(admin_client, world):
    Enrollment.objects.update(status="parked", due_at=None, error="KeyError: 'name'")
    page = admin_client.get(PAGE).text
    assert "1 person is stuck in “After delivery”" in page
    assert "Mend what the error tells" in page
    assert f"?status=parked&amp;scenario={world.scenario.pk}" in page
    assert "Of 1 e-mail nobody knows" in page


def test_every_link_of_the_page_leads_somewhere(admin_client, world):
    Enrollment.objects.update(status="parked", due_at=None, error="KeyError: 'name'")
    Shop.objects.update(last_refused_at=clock.now(), created_at=clock.now() - timedelta(days=30))
    links = [part.split('"')[0].replace("&amp;", "&") for part in admin_client.get(PAGE).text.split('href="')[1:]]
    ours = [link for link in links if link.startswith("/admin/flows/") and link != PAGE]
    assert len(ours) >= 3
    for link in ours:
        assert admin_client.get(link).status_code == 200, link


def test_where_all_is_well_the_page_says_so(admin_client, well):
    assert "Nothing needs your attention." in admin_client.get(PAGE).text


def test_the_menu_counts(admin_client, world):
    assert "Needs attention (1)" in admin_client.get("/admin/").text
    Delivery.objects.update(status="sent")
    # Opening the page counts anew; else it is a minute old at most.
    admin_client.get(PAGE)
    assert "Needs attention (" not in admin_client.get("/admin/").text


def test_the_menu_asks_nothing_of_the_tables_twice_in_a_minute(admin_user, world, django_assert_num_queries):
    assert count_for(admin_user) == 1
    with django_assert_num_queries(0):
        assert count_for(admin_user) == 1


def test_one_sees_only_what_is_about_what_one_may_see(client, world, django_user_model):
    client.force_login(person(django_user_model, "desk", our_permissions().filter(codename="view_shop")))
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "nobody knows" not in page.text
    assert "Needs attention (" not in client.get("/admin/").text


def test_who_may_only_read_looks_and_who_may_not_does_not(client, world, who_reads, who_may_not):
    client.force_login(who_reads)
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE).status_code == 405
    client.force_login(who_may_not)
    assert client.get(PAGE).status_code in {302, 403}
    assert "flows/attention" not in client.get("/admin/").text
    client.logout()
    assert client.get(PAGE).url.startswith("/admin/login/")


def test_a_monitor_with_the_token_is_told_codes_and_numbers_and_nobodys_name(client, world, settings):
    settings.FLOWS_HEALTH_TOKEN = TOKEN
    Enrollment.objects.update(status="parked", due_at=None, error="KeyError: 'anna@example.org'")
    answer = asked(client, authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 503
    told = answer.json()
    assert told["status"] == "broken"
    assert [one["code"] for one in told["findings"]] == ["enrollments.parked", "deliveries.uncertain"]
    assert "anna" not in answer.text
    assert "no-store" in answer["Cache-Control"]


def test_a_warning_is_no_alarm_and_well_is_well(client, world, settings):
    settings.FLOWS_HEALTH_TOKEN = TOKEN
    answer = asked(client, authorization=f"Bearer {TOKEN}")
    assert (answer.status_code, answer.json()["status"]) == (200, "warning")
    Delivery.objects.update(status="sent")
    assert asked(client, authorization=f"Bearer {TOKEN}").json() == {"status": "well", "findings": []}


@pytest.mark.parametrize("told", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "Bearer é"])
def test_a_stranger_is_told_nothing(client, world, settings, told):
    settings.FLOWS_HEALTH_TOKEN = TOKEN
    answer = asked(client, authorization=told)
    assert (answer.status_code, answer.json()) == (404, {"status": "unknown"})


def test_without_a_token_no_token_opens(client, world, who_reads, who_may_not):
    assert asked(client, authorization="Bearer ").status_code == 404
    client.force_login(who_may_not)
    assert asked(client).status_code == 404
    client.force_login(who_reads)
    assert asked(client).status_code == 200
    assert client.post(HEALTH).status_code == 405
    assert reverse("wagtail_flows:health") == HEALTH
