"""Helping people inside a scenario: one on the page, many in the listing."""

import pytest

from django.urls import reverse
from wagtail.models import ModelLogEntry

from wagtail_flows.engine.models import Enrollment


PARKED = {"status": "parked", "due_at": None, "attempts": 6, "error": "KeyError: 'name'"}


@pytest.fixture
def parked(world):
    Enrollment.objects.update(**PARKED)
    world.enrollment.refresh_from_db()
    return world.enrollment


def address(name, enrollment):
    return reverse(f"flows_enrollments:{name}", args=[enrollment.pk])


def bulk(action, ids, back=""):
    listing = reverse("flows_enrollments:index") + back
    chosen = "&".join(f"id={one}" for one in ids)
    return f"{reverse('wagtail_bulk_action', args=['wagtail_flows', 'enrollment', action])}?next={listing}&{chosen}"


def logged(action):
    return ModelLogEntry.objects.filter(action=f"wagtail_flows.{action}").count()


def test_the_page_of_a_parked_one_tells_the_error_and_offers_two_ways(admin_client, parked):
    page = admin_client.get(address("inspect", parked)).text
    assert "KeyError" in page
    assert "Try again" in page
    assert "Take out" in page
    assert "Skip the wait" not in page


@pytest.mark.parametrize(("name", "status", "action"), [("again", "active", "try_again"), ("out", "ended", "take_out")])
def test_a_button_does_it_once_and_logs_it(admin_client, parked, name, status, action):
    answer = admin_client.post(address(name, parked), follow=True)
    assert "alert-success" in answer.text or "success" in answer.text
    parked.refresh_from_db()
    assert parked.status == status
    assert logged(action) == 1
    Enrollment.objects.update(status="ended")
    again = admin_client.post(address(name, parked), follow=True).text
    assert "any more" in again or "already" in again
    assert logged(action) == 1


def test_a_wait_is_skipped_by_a_button(admin_client, world):
    Enrollment.objects.update(step="wait-1")
    assert "Skip the wait" in admin_client.get(address("inspect", world.enrollment)).text
    Enrollment.objects.update(step="send-1")
    assert "can&#x27;t be skipped" in admin_client.post(address("skip", world.enrollment), follow=True).text
    assert logged("skip_wait") == 0


def test_who_has_left_is_offered_nothing(admin_client, world):
    Enrollment.objects.update(status="ended", due_at=None)
    page = admin_client.get(address("inspect", world.enrollment)).text
    assert "Take out" not in page


def test_all_with_the_same_error_of_a_scenario_are_helped_at_once(admin_client, parked):
    for number in range(3):
        other = Enrollment.objects.get(pk=parked.pk)
        other.pk, other.entry_key, other.subject = None, f"{number}", f"{number}"
        other.public_id = Enrollment._meta.get_field("public_id").get_default()
        other.error = "StepLost: gone" if number else PARKED["error"]
        other.save(force_insert=True)
    back = f"%3Fscenario={parked.scenario_id}%26status=parked%26error=KeyError"
    where = bulk("try_again", ["all"], back)
    assert "2 people are selected" in admin_client.get(where).text
    answer = admin_client.post(where)
    assert answer.status_code == 302
    assert Enrollment.objects.filter(status="active").count() == 2
    assert Enrollment.objects.filter(status="parked", error__startswith="StepLost").count() == 2
    assert logged("try_again") == 1


def test_chosen_people_are_taken_out(admin_client, parked):
    where = bulk("take_out", [parked.pk])
    assert parked.contact.address in admin_client.get(where).text
    admin_client.post(where)
    assert Enrollment.objects.get().status == "ended"
    assert logged("take_out") == 1


@pytest.mark.parametrize("action", ["try_again", "take_out"])
def test_who_may_only_read_is_offered_no_bulk_action_and_refused_one(client, who_reads, parked, action):
    client.force_login(who_reads)
    assert 'name="bulk' not in client.get(reverse("flows_enrollments:index")).text
    assert client.post(bulk(action, [parked.pk])).status_code in {302, 403}
    assert Enrollment.objects.get().status == "parked"


def test_the_listing_of_another_kind_cannot_choose_all(admin_client, parked):
    where = bulk("take_out", ["all"]).replace(reverse("flows_enrollments:index"), reverse("flows_contacts:index"))
    assert admin_client.post(where).status_code in {302, 403}
    assert Enrollment.objects.get().status == "parked"


def test_too_many_at_once_are_refused(admin_client, parked, monkeypatch):
    monkeypatch.setattr("wagtail_flows.lib.admin_bulk.MOST_AT_ONCE", 0)
    where = bulk("take_out", [parked.pk])
    assert "Filter the listing first" in admin_client.get(where).text
    assert "Filter the listing first" in admin_client.post(where).text
    assert Enrollment.objects.get().due_at is None
    assert Enrollment.objects.get().status == "parked"


def test_exports_tell_states_and_reasons_in_words(admin_client, world):
    Enrollment.objects.update(status="ended", exit_reason="taken_out", due_at=None)
    rows = admin_client.get(reverse("flows_enrollments:index"), {"export": "csv"}).getvalue().decode()
    assert "taken out by hand" in rows
    assert ",left," in rows
    assert world.contact.address in rows
    rows = admin_client.get(reverse("flows_deliveries:index"), {"export": "csv"}).getvalue().decode()
    assert "The mail server never said whether it took the e-mail." in rows
    assert "existing customer" in rows
    assert "existing_customer" not in rows
