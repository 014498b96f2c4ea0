"""Versions, comparing, export and import of scenarios, as seen from the admin."""

import pytest

from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from wagtail.models import Site

from tests.drawing import scenario as drawn
from wagtail_flows.models import Scenario, ScenarioVersion
from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.importing import draft_of
from wagtail_flows.scenarios.yaml_text import LARGEST_FILE


IMPORT = "flows_scenarios:import_file"
CHANGED = "“Wait 10 days” became “Wait 5 days”"


def url(name: str, scenario: Scenario) -> str:
    return reverse(f"flows_scenarios:{name}", args=[scenario.pk])


def exported(client, scenario: Scenario) -> str:
    return client.get(url("export", scenario)).content.decode()


def upload(text: str | bytes) -> dict:
    return {"file": SimpleUploadedFile("s.yaml", text if isinstance(text, bytes) else text.encode())}


def confirmation(response) -> dict:
    return dict(response.context["confirm"].initial)


def only_may(user, *codenames: str) -> None:
    """Take every permission but these, and that to enter, away."""
    group = user.groups.get()
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))


def test_the_versions_are_listed_with_who_is_inside(admin_client, world):
    world.scenario.graph = drawn("list.subscribed > wait 5d > send thanks")
    world.scenario.save_revision().publish()
    response = admin_client.get(url("versions", world.scenario))
    content = response.content.decode()
    assert [row.number for row in response.context["table"].data] == [2, 1]
    assert [row.inside_count for row in response.context["table"].data] == [0, 1]
    assert "?before=1&amp;after=2" in content
    assert url("versions", world.scenario) in admin_client.get(url("inspect", world.scenario)).content.decode()


def test_without_versions_the_page_says_how_they_come(admin_client, world):
    scenario = Scenario.objects.create(name="New", graph={})
    assert "Nothing was published yet" in admin_client.get(url("versions", scenario)).content.decode()
    assert "Nothing differs" in admin_client.get(url("compare_versions", scenario)).content.decode()


def test_the_number_of_queries_does_not_hang_on_the_number_of_versions(
    admin_client, world, django_assert_max_num_queries
):
    for number in range(2, 12):
        ScenarioVersion.objects.create(
            scenario=world.scenario, number=number, graph={}, published_at=world.order.placed_at,
            starts_with_events_after=world.order.placed_at,
        )  # fmt: skip
    with django_assert_max_num_queries(40):
        admin_client.get(url("versions", world.scenario))


def test_any_two_are_compared_in_words_and_left_out_the_draft_with_what_is_live(admin_client, world):
    world.scenario.graph = drawn("list.subscribed > wait 5d > send thanks")
    world.scenario.save_revision()
    page = url("compare_versions", world.scenario)
    assert CHANGED in admin_client.get(page).content.decode()
    assert CHANGED in admin_client.get(page, {"before": "1", "after": "draft"}).content.decode()
    back = admin_client.get(page, {"before": "draft", "after": "1"}).content.decode()
    assert "“Wait 5 days” became “Wait 10 days”" in back
    assert "Nothing differs" in admin_client.get(page, {"before": "1", "after": "1"}).content.decode()


@pytest.mark.parametrize("asked", ["9", "x", "-1", "99999999999999999999", "'"])
def test_a_version_that_is_not_there_is_no_choice(admin_client, world, asked):
    response = admin_client.get(url("compare_versions", world.scenario), {"before": asked})
    assert response.status_code == 200
    assert response.context["changes"] is None


def test_what_is_exported_is_the_draft_or_a_version_as_a_file(admin_client, world):
    world.scenario.graph = drawn("list.subscribed > wait 5d > send thanks")
    world.scenario.save_revision()
    response = admin_client.get(url("export", world.scenario))
    assert response["Content-Disposition"] == 'attachment; filename="after-delivery.yaml"'
    assert "amount: 5" in response.content.decode()
    assert "message: Thanks" in response.content.decode()
    assert "amount: 10" in admin_client.get(url("export", world.scenario), {"of": "1"}).content.decode()


def test_what_cannot_be_exported_leads_back_and_says_why(admin_client, world):
    scenario = Scenario.objects.create(name="Bad", graph=drawn("list.subscribed > send nothing"))
    response = admin_client.get(url("export", scenario), follow=True)
    assert response.redirect_chain[0][0] == url("inspect", scenario)
    assert "There is no e-mail with the identifier" in response.content.decode()


def test_a_file_shows_what_would_change_and_changes_it_when_confirmed(client, world, who_may):
    client.force_login(who_may)
    text = exported(client, world.scenario).replace("amount: 10", "amount: 5")
    shown = client.post(reverse(IMPORT), upload(text))
    assert CHANGED in shown.content.decode()
    assert draft_of(world.scenario).graph == world.scenario.graph
    response = client.post(reverse(IMPORT), confirmation(shown))
    assert response.status_code == 302
    saved = Scenario.objects.get()
    assert draft_of(saved).graph["steps"][0]["amount"] == 5
    assert saved.latest_revision.user == who_may
    assert saved.current_version.graph["steps"][0]["amount"] == 10


def test_line_ends_as_browsers_send_them_change_nothing(admin_client, world):
    text = exported(admin_client, world.scenario).replace("amount: 10", "amount: 5")
    confirm = confirmation(admin_client.post(reverse(IMPORT), upload(text)))
    admin_client.post(reverse(IMPORT), {**confirm, "text": confirm["text"].replace("\n", "\r\n")})
    assert draft_of(Scenario.objects.get()).graph["steps"][0]["amount"] == 5


def test_pages_are_among_what_can_be_named(admin_client, world):
    home = Site.objects.get(is_default_site=True).root_page
    names = dict(next(offer.names for offer in catalogue.offered() if offer.label == "Pages"))
    assert names[str(home.pk)] == home.title


def test_a_new_name_makes_a_draft(client, world, who_may):
    client.force_login(who_may)
    text = exported(client, world.scenario).replace("name: After delivery", "name: Another")
    shown = client.post(reverse(IMPORT), upload(text))
    assert "“Another” is new" in shown.content.decode()
    assert not Scenario.objects.filter(name="Another").exists()
    client.post(reverse(IMPORT), confirmation(shown))
    assert not Scenario.objects.get(name="Another").live


def test_a_file_that_says_nothing_new_offers_no_button(admin_client, world):
    shown = admin_client.post(reverse(IMPORT), upload(exported(admin_client, world.scenario)))
    assert "Nothing differs" in shown.content.decode()
    assert "Save as a draft" not in shown.content.decode()


def test_a_draft_changed_meanwhile_is_not_overwritten(admin_client, world):
    text = exported(admin_client, world.scenario).replace("amount: 10", "amount: 5")
    shown = admin_client.post(reverse(IMPORT), upload(text))
    world.scenario.graph = drawn("list.subscribed > wait 7d > send thanks")
    world.scenario.save_revision()
    response = admin_client.post(reverse(IMPORT), confirmation(shown))
    assert response.status_code == 409
    assert "changed meanwhile" in response.content.decode()
    assert draft_of(Scenario.objects.get()).graph["steps"][0]["amount"] == 7


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"", "holds no scenario"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"a" * (LARGEST_FILE + 1), "too large"),
        (b"a: &x [*x]", "Line 1: anchors"),
        (b"a: !!python/name:os.system", "Line 1: tags"),
        (b"format: 1\nname: A\nname: B", "Line 3: “name” is given twice"),
        (b"format: 1\nname: <script>\nstart: a\nsteps: [{id: <b>}]", "Line 4: steps.0.id"),
        (b"%PDF-1.7 \x00\x01", ""),
    ],
)
def test_what_cannot_be_read_says_where_and_changes_nothing(admin_client, world, source, told):
    response = admin_client.post(reverse(IMPORT), upload(source))
    assert response.status_code == 422
    assert escape(told) in response.content.decode()
    assert "Nothing was changed" in response.content.decode()
    assert "<script>alert" not in response.content.decode()
    assert Scenario.objects.count() == 1


def test_no_file_and_a_forged_confirmation_are_refused(admin_client, world):
    assert admin_client.post(reverse(IMPORT)).status_code == 422
    assert admin_client.post(reverse(IMPORT), {"text": "", "seen": ""}).status_code == 422
    assert admin_client.post(reverse(IMPORT), {"text": "x: 1", "seen": "new"}).status_code == 409
    assert Scenario.objects.count() == 1


def test_adding_and_changing_are_two_permissions(client, world, who_may):
    client.force_login(who_may)
    old = exported(client, world.scenario).replace("amount: 10", "amount: 5")
    new = old.replace("name: After delivery", "name: Another")
    confirmed = confirmation(client.post(reverse(IMPORT), upload(new)))
    only_may(who_may, "add_scenario")
    assert client.post(reverse(IMPORT), upload(new)).status_code == 200
    assert client.post(reverse(IMPORT), upload(old)).status_code == 302  # sent home
    only_may(who_may, "change_scenario")
    assert client.post(reverse(IMPORT), upload(old)).status_code == 200
    assert client.post(reverse(IMPORT), upload(new)).status_code == 302
    assert client.post(reverse(IMPORT), confirmed).status_code == 302
    assert not Scenario.objects.filter(name="Another").exists()


def test_who_may_only_read_exports_and_compares_and_is_offered_no_import(client, world, who_reads):
    client.force_login(who_reads)
    assert client.get(url("export", world.scenario)).status_code == 200
    assert client.get(url("compare_versions", world.scenario)).status_code == 200
    assert reverse(IMPORT) not in client.get(reverse("flows_scenarios:list")).content.decode()


def test_a_forged_post_is_refused(world, admin_user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert strict.post(reverse(IMPORT), upload("format: 1")).status_code == 403
