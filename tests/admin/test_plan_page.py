"""What publishing will do is shown, and chosen, before it does it."""

import json
import re

from datetime import timedelta

import pytest

from django.contrib.messages import get_messages
from django.urls import reverse

from tests.drawing import scenario
from wagtail_flows.engine import carrying_out
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.models import Publication, Scenario


@pytest.fixture
def inside(world) -> Scenario:
    """A live scenario with somebody inside, whose draft lacks the step they stand at."""
    made = Scenario.objects.get(pk=world.enrollment.scenario_id)
    made.graph = scenario("delivered > wait 3d > exit")
    made.save_revision().publish()
    Enrollment.objects.filter(pk=world.enrollment.pk).update(
        version=Scenario.objects.get(pk=made.pk).current_version, status="active", step="wait-1", due_at=clock.now()
    )
    made = Scenario.objects.get(pk=made.pk)
    made.graph = {**scenario("delivered > wait 5d > exit"), "start": "pause"}
    made.graph["steps"][0]["id"] = "pause"
    made.save_revision()
    return Scenario.objects.get(pk=made.pk)


def address(made: Scenario) -> str:
    return reverse("flows_scenarios:plan", args=[made.pk])


def chosen(made: Scenario, button: str, **fields: str) -> dict[str, str]:
    return {"inside": "stay", "start_with": "future", "seen": str(made.latest_revision_id), button: "1", **fields}


def test_the_button_to_publish_leads_to_the_numbers_where_people_are_inside(admin_client, inside):
    url = reverse("flows_scenarios:edit", args=[inside.pk])
    form = {"name": inside.name, "graph": "", "action-publish": "1", "go_live_at": "", "expire_at": ""}
    form["graph"] = json.dumps(inside.get_latest_revision_as_object().graph)
    answer = admin_client.post(url, form)
    assert answer.url == address(inside)
    assert Scenario.objects.get(pk=inside.pk).current_version == inside.current_version, "nothing is published yet"
    page = admin_client.get(answer.url).text
    assert "1 person inside an older version" in page
    assert "Choose a step" in page
    assert "Order delivered" in page or "order.delivered" in page


def test_who_moves_must_go_somewhere(admin_client, inside):
    page = admin_client.post(address(inside), chosen(inside, "publish", inside="move")).text
    assert "say where these people go" in page
    assert not Publication.objects.exists()


def test_publishing_by_the_page_carries_out_the_plan(admin_client, inside):
    fields = {"inside": "move", "to-wait-1": "pause", "anew-wait-1": "on"}
    answer = admin_client.post(address(inside), chosen(inside, "publish", **fields))
    assert answer.url == reverse("flows_scenarios:inspect", args=[inside.pk])
    publication = Publication.objects.get()
    assert publication.plan["map"] == {"wait-1": "pause"}
    assert publication.plan["recompute"] == ["pause"]
    page = admin_client.get(answer.url).text
    assert "is being moved to version" in page
    carrying_out.carry_out(clock.now())
    assert Enrollment.objects.filter(step="pause", version=publication.version).count() == 1
    assert "moved to version" not in admin_client.get(answer.url).text


def test_the_numbers_can_be_seen_for_another_plan_without_changing_anything(admin_client, inside):
    page = admin_client.post(address(inside), chosen(inside, "show", inside="leave", start_with="also_matching")).text
    assert "1 person leaves" in page
    after = Scenario.objects.get(pk=inside.pk)
    assert after.latest_revision_id == inside.latest_revision_id
    assert not Publication.objects.exists()


def test_what_hangs_on_the_person_or_the_event_is_told_as_uncertain(admin_client, inside):
    drawing = "delivered > await paid 4d [happened: wait 2d > send thanks | timeout: exit]"
    inside.graph = scenario(drawing)
    inside.save_revision().publish()
    Enrollment.objects.update(
        version=Scenario.objects.get(pk=inside.pk).current_version,
        step="await-1",
        step_entered_at=clock.now(),
        due_at=clock.now() + timedelta(days=4),
    )
    inside.graph = scenario("delivered > data town=Paris [paris: send thanks | else: exit]")
    inside.save_revision()
    page = " ".join(admin_client.get(address(inside)).text.split())
    stay = page[page.index("1 person stays.") :]
    assert re.match(r"1 person stays. Next e-mail: [^<]+ at the earliest", stay)
    assert "Of whoever comes in now: Next e-mail: perhaps at once" in page


def test_the_plan_alone_can_be_saved_for_a_schedule_or_an_approval(admin_client, inside):
    admin_client.post(address(inside), chosen(inside, "save", inside="leave"))
    draft = Scenario.objects.get(pk=inside.pk).get_latest_revision_as_object()
    assert draft.plan == {"inside": "leave", "start_with": "future"}
    assert "People inside leave." in admin_client.get(reverse("flows_scenarios:edit", args=[inside.pk])).text
    draft.latest_revision.publish()
    assert Publication.objects.get().inside == "leave"


def test_a_draft_that_somebody_saved_meanwhile_is_not_published_by_old_numbers(admin_client, inside):
    old = chosen(inside, "publish", inside="leave")
    inside.get_latest_revision_as_object().save_revision()
    assert "meanwhile" in admin_client.post(address(inside), old).text
    assert not Publication.objects.exists()


@pytest.mark.parametrize("fields", [{"inside": "throw"}, {"seen": "x"}, {"start_with": ""}, {"to-wait-1": "nowhere"}])
def test_nonsense_publishes_nothing(admin_client, inside, fields):
    answer = admin_client.post(address(inside), chosen(inside, "publish", **fields))
    assert answer.status_code == 200
    assert not Publication.objects.exists()
    assert Scenario.objects.get(pk=inside.pk).current_version == inside.current_version


def test_who_may_only_read_or_nothing_sees_no_plan(client, inside, who_reads, who_may_not):
    for user in (who_reads, who_may_not):
        client.force_login(user)
        for answer in (client.get(address(inside)), client.post(address(inside), chosen(inside, "publish"))):
            assert answer.status_code == 302
            assert not [one for one in get_messages(answer.wsgi_request) if "published" in str(one)]
    assert Scenario.objects.get(pk=inside.pk).current_version == inside.current_version


def test_a_lock_of_somebody_else_is_respected(client, inside, who_may, admin_user):
    inside.locked, inside.locked_by = True, admin_user
    inside.save()
    client.force_login(who_may)
    client.post(address(inside), chosen(inside, "publish", inside="leave"))
    assert not Publication.objects.exists()
