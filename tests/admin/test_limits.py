"""Limits in the admin: those of a scenario on its page, those of a site and of the installation in the settings."""

from decimal import Decimal

import pytest

from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Revision

from wagtail_flows.lib import clock
from wagtail_flows.models import Scenario, SendingDay, SendingLimits, SendingRates
from wagtail_flows.scenarios.brakes import Tripped
from wagtail_flows.scenarios.pausing import brake


LIMITS = {"priority": 3, "most_to_contact_a_day": 2, "most_an_hour": "", "most_bounces": "2.5", "most_complaints": ""}
NO_RATES = {
    "commercial_a_minute": "",
    "provider_a_minute": "",
    "warm_up_starts_on": "",
    "warm_up_first": "",
    "warm_up_growth": "",
    "warm_up_until": "",
    "provider_rates-TOTAL_FORMS": 0,
    "provider_rates-INITIAL_FORMS": 0,
}


def setting(name: str, pk: int) -> str:
    return reverse("wagtailsettings:edit", args=["wagtail_flows", name, pk])


def test_limits_hold_at_once_and_are_logged_and_no_draft_brings_others_back(admin_client, world):
    revisions = Revision.objects.count()
    answer = admin_client.post(reverse("flows_scenarios:limits", args=[world.scenario.pk]), LIMITS, follow=True)
    scenario = Scenario.objects.get()
    assert (scenario.priority, scenario.most_to_contact_a_day, scenario.most_an_hour) == (3, 2, None)
    assert (scenario.most_bounces, scenario.most_complaints) == (Decimal("2.5"), None)
    assert "high priority; at most 2 e-mails to one contact in a day; in an hour as many as the forecast" in answer.text
    assert Revision.objects.count() == revisions
    assert ModelLogEntry.objects.filter(action="wagtail_flows.set_limits").count() == 1
    world.scenario.get_latest_revision().publish()
    assert Scenario.objects.get().most_to_contact_a_day == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("most_to_contact_a_day", "0"),
        ("most_to_contact_a_day", ""),
        ("most_an_hour", "-1"),
        ("most_bounces", "101"),
        ("most_complaints", "few"),
        ("most_complaints", "0.1234567"),
        ("most_bounces", "9" * 40),
        ("priority", "9"),
    ],
)
def test_a_limit_that_makes_no_sense_changes_nothing(admin_client, world, name, value):
    before = Scenario.objects.values().get()
    url = reverse("flows_scenarios:limits", args=[world.scenario.pk])
    assert admin_client.post(url, {**LIMITS, name: value}).status_code == 302
    assert Scenario.objects.values().get() == before


@pytest.mark.parametrize("who", ["who_reads", "who_may_not"])
def test_who_may_not_publish_sets_no_limits(client, world, wagtail_site, request, who):
    client.force_login(request.getfixturevalue(who))
    client.post(reverse("flows_scenarios:limits", args=[world.scenario.pk]), LIMITS)
    assert Scenario.objects.get().priority == Scenario.Priority.NORMAL
    for url in (setting("sendinglimits", wagtail_site.pk), setting("sendingrates", SendingRates.load().pk)):
        assert client.get(url).status_code == 302
        assert client.post(url, {"most_a_day": 1, **NO_RATES, "commercial_a_minute": 1}).status_code == 302
    assert SendingRates.objects.get().commercial_a_minute is None
    assert not SendingLimits.objects.exclude(most_a_day=None).exists()


def test_a_brake_stands_on_the_page_in_the_list_and_in_the_history(admin_client, world):
    brake(world.scenario, Tripped("bounces", {"provider": "Outlook", "sent": 1200, "percent": "11.00", "most": "5"}))
    told = "Too many bounces at Outlook: 11 % of 1,200 e-mails; at most 5 % is good."
    page = admin_client.get(reverse("flows_scenarios:inspect", args=[world.scenario.pk])).text
    assert f"nothing is sent. {told} Look at what it sent" in page
    assert "paused by a brake" in admin_client.get(reverse("flows_scenarios:list")).text
    assert told in admin_client.get(reverse("flows_scenarios:history", args=[world.scenario.pk])).text
    admin_client.post(reverse("flows_scenarios:resume", args=[world.scenario.pk]))
    assert "Outlook" not in admin_client.get(reverse("flows_scenarios:inspect", args=[world.scenario.pk])).text


def test_quiet_hours_need_both_times(admin_client, wagtail_site):
    url = setting("sendinglimits", wagtail_site.pk)
    answer = admin_client.post(url, {"quiet_from": "21:00", "quiet_until": "", "most_a_day": "2"})
    assert "Quiet hours need both times." in answer.text
    assert admin_client.post(url, {"quiet_from": "21:00", "quiet_until": "08:00", "most_a_day": "2"}).status_code == 302
    limits = SendingLimits.objects.get(site=wagtail_site)
    assert (limits.most_a_day, limits.most_a_week, str(limits.quiet_from)) == (2, None, "21:00:00")


def test_rates_of_single_providers_and_a_warm_up_are_set_on_one_page(admin_client, wagtail_site):
    url = setting("sendingrates", SendingRates.load().pk)
    today = timezone.localdate(clock.now())
    values = {
        **NO_RATES,
        "warm_up_starts_on": today.isoformat(),
        "warm_up_first": 50,
        "warm_up_growth": 30,
        "warm_up_until": 10_000,
        "provider_rates-TOTAL_FORMS": 1,
        "provider_rates-0-domain": "Gmail.com",
        "provider_rates-0-a_minute": 60,
    }
    answer = admin_client.post(url, {**values, "warm_up_until": ""})
    assert "A warm-up needs all four." in answer.text
    answer = admin_client.post(url, values)
    assert answer.status_code == 302, answer.text
    rates = SendingRates.objects.get()
    assert list(rates.provider_rates.values_list("domain", "a_minute")) == [("gmail.com", 60)]
    SendingDay.objects.create(stream="commercial", day=today, count=17)
    assert "Today 17 of 50 commercial e-mails are used." in admin_client.get(setting("sendingrates", rates.pk)).text
