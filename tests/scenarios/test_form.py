"""The form in the admin: drafts are saved with their problems, publishing is refused until they are mended."""

import json

from datetime import timedelta

import pytest

from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Locale, ReferenceIndex, Workflow, WorkflowContentType, WorkflowTask

from tests.drawing import key
from tests.drawing import scenario as drawing
from wagtail_flows.models import Contact, Enrollment, Scenario, ScenarioVersion
from wagtail_flows.scenarios.usage import scenarios_naming_list, scenarios_naming_message


pytestmark = pytest.mark.django_db

SOUND = drawing("placed > wait 1d")


@pytest.fixture
def editor(client, admin_user, wagtail_site):
    """A browser logged in as someone who may do everything."""
    client.force_login(admin_user)
    return client


def edit_url() -> str:
    return reverse("flows_scenarios:edit", args=[Scenario.objects.get().pk])


def post(editor, graph, *, url=None, follow=True, **fields):
    text = graph if isinstance(graph, str) else json.dumps(graph)
    return editor.post(url or edit_url(), {"name": "Thanks", "graph": text, **fields}, follow=follow)


def page(response) -> str:
    return response.content.decode().replace("&quot;", '"').replace("&#x27;", "'")


def latest():
    return Scenario.objects.get().get_latest_revision_as_object().graph


def test_the_form_of_a_new_scenario_begins_with_an_empty_object(editor):
    text = editor.get(reverse("flows_scenarios:add")).context["form"]["graph"].as_widget()
    assert ">\n{}</textarea>" in text


def test_a_new_scenario_is_a_draft(editor):
    response = post(editor, SOUND, url=reverse("flows_scenarios:add"))
    assert response.status_code == 200
    assert latest() == SOUND
    assert not Scenario.objects.get().live
    assert "Wait 1 day" in page(response)


def test_a_new_scenario_may_have_no_graph_yet(editor):
    post(editor, "", url=reverse("flows_scenarios:add"))
    assert latest() == {}


def test_publishing_from_the_form_makes_a_version(editor, draft):
    draft(SOUND)
    post(editor, SOUND, **{"action-publish": "1"})
    assert Scenario.objects.get().current_version.graph == SOUND


def test_a_scenario_may_be_made_and_published_at_once(editor):
    post(editor, SOUND, url=reverse("flows_scenarios:add"), **{"action-publish": "1"})
    assert Scenario.objects.get().current_version.number == 1


def test_text_that_is_no_json_is_refused_even_for_a_draft_and_kept_in_the_form(editor, draft):
    draft(SOUND)
    response = post(editor, '{"start": oops\n}')
    assert "Line 1, column 11: here the text stops being JSON." in page(response)
    assert '{"start": oops' in page(response)
    assert latest() == SOUND


def test_a_draft_is_saved_with_its_problems_and_shows_them(editor, draft):
    draft(SOUND)
    broken = drawing("placed > wait 1d > send lost")
    broken["steps"][0]["colour"] = "red"
    response = post(editor, broken)
    assert latest() == broken
    assert "“colour” is not known here: remove it." in page(response)


def test_a_problem_stands_beside_its_step(editor, draft):
    draft(drawing("placed > send lost"))
    shown = page(editor.get(edit_url()))
    assert "There is no e-mail with the identifier" in shown.split("<code>send-1</code>")[1].split("</li>")[0]


def test_publishing_a_graph_with_errors_is_refused_in_the_form(editor, draft):
    draft(SOUND)
    broken = {**SOUND, "triggers": []}
    response = post(editor, broken, **{"action-publish": "1"})
    assert "triggers: Nothing starts this scenario: add a trigger." in page(response)
    assert not ScenarioVersion.objects.exists()
    assert latest() == SOUND


def test_many_errors_are_counted_rather_than_listed(editor, draft):
    draft(SOUND)
    response = post(editor, {"start": "a", "steps": [{}] * 50}, **{"action-publish": "1"})
    assert "There are 30 more problems." in page(response)


def test_scheduling_a_graph_with_errors_is_refused_in_the_form(editor, draft):
    draft(SOUND)
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    response = post(editor, {}, go_live_at=tomorrow, **{"action-publish": "1"})
    assert "“start” is missing: add it." in page(response)
    assert not Scenario.objects.get().approved_schedule


def test_the_schedule_can_be_set_in_the_form(editor, draft):
    draft(SOUND)
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    post(editor, SOUND, go_live_at=tomorrow, **{"action-publish": "1"})
    assert Scenario.objects.get().approved_schedule
    assert not ScenarioVersion.objects.exists()


def test_names_are_shown_instead_of_identifiers(editor, draft, message, club):
    message("thanks")
    draft(drawing("placed > send thanks to club ! cancelled"))
    shown = page(editor.get(edit_url()))
    assert "Send “Thanks” to subscribers of “The club”" in shown
    assert "happens to the same subject" in shown


def test_the_identifiers_to_write_are_listed(editor, message, club):
    message("thanks")
    shown = page(editor.get(reverse("flows_scenarios:add")))
    for identifier in (key("thanks"), key("club"), "order.delivered"):
        assert f"<code>{identifier}</code>" in shown


def test_what_people_type_is_escaped(editor, draft):
    graph = drawing("placed > exit")
    graph["steps"][0]["reason"] = "<script>alert(1)</script>"
    draft(graph)
    assert b"<script>alert(1)" not in editor.get(edit_url()).content


def test_any_json_can_be_kept_and_opened_again(editor, draft):
    for odd in ([], "x", 5, None, {"steps": "no"}, {"steps": [1, {"id": "a", "kind": []}], "start": {}}):
        Scenario.objects.all().delete()
        draft(SOUND)
        assert post(editor, json.dumps(odd)).status_code == 200
        assert editor.get(edit_url()).status_code == 200


def test_long_and_much_branched_graphs_are_shown(editor, draft):
    graph = drawing("placed > " + " > ".join(["wait 1d"] * 60))
    for step in graph["steps"][:-1]:
        step["outlets"] = {"late": step["outlets"]["next"], "next": "exit-1"}
    draft(graph)
    shown = page(editor.get(edit_url()))
    assert all(f"<code>{step['id']}</code>" in shown for step in graph["steps"])


@pytest.fixture
def approval(admin_user):
    """Every scenario must be approved."""
    task = GroupApprovalTask.objects.create(name="look")
    workflow = Workflow.objects.create(name="four eyes")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    WorkflowContentType.objects.create(workflow=workflow, content_type=Scenario.get_content_type())
    return workflow


def test_submitting_a_graph_with_errors_is_refused_in_the_form(editor, draft, approval):
    draft(SOUND)
    response = post(editor, {}, **{"action-submit": "1"})
    assert "“start” is missing: add it." in page(response)
    assert not Scenario.objects.get().workflow_in_progress


def test_approving_what_went_bad_meanwhile_says_why(editor, draft, approval, club, message, admin_user):
    message("thanks")
    draft(SOUND)
    post(editor, drawing("placed > send thanks to club"), **{"action-submit": "1"})
    state = Scenario.objects.get().current_workflow_state
    club.delete()
    url = reverse(
        "flows_scenarios:workflow_action", args=[Scenario.objects.get().pk, "approve", state.current_task_state.pk]
    )
    response = editor.post(url, {"comment": ""}, follow=True)
    assert f"There is no list with the identifier {key('club')}" in page(response)
    assert not Scenario.objects.get().live
    assert Scenario.objects.get().workflow_in_progress


def test_a_list_in_use_is_shown_as_used(draft, club, message, editor):
    used = message("thanks")
    scenario = draft(drawing("placed > send thanks to club"))
    for target in (club, used):
        groups = list(ReferenceIndex.get_references_to(target).group_by_source_object())
        assert [source for source, _references in groups] == [scenario]


def test_history_and_comparison_of_drafts_can_be_opened(editor, draft):
    draft(SOUND)
    post(editor, SOUND)
    post(editor, drawing("placed > wait 2d"))
    old, new = Scenario.objects.get().revisions.order_by("pk")
    for name, args in (("history", []), ("usage", []), ("revisions_compare", [old.pk, new.pk])):
        url = reverse(f"flows_scenarios:{name}", args=[Scenario.objects.get().pk, *args])
        assert editor.get(url).status_code == 200, name


def test_the_page_of_a_scenario_says_in_words_what_runs_and_not_what_is_drafted(editor, draft):
    scenario = draft(SOUND)
    url = reverse("flows_scenarios:inspect", args=[scenario.pk])
    assert "Nothing was published yet." in page(editor.get(url))
    post(editor, SOUND, **{"action-publish": "1"})
    post(editor, drawing("placed > wait 2d"))
    shown = page(editor.get(url))
    assert "Wait 1 day" in shown
    assert "Wait 2 days" not in shown


def test_a_published_scenario_that_nobody_entered_can_be_deleted(editor, draft):
    draft(SOUND)
    post(editor, SOUND, **{"action-publish": "1"})
    editor.post(reverse("flows_scenarios:delete", args=[Scenario.objects.get().pk]))
    assert not ScenarioVersion.objects.exists()


def test_a_scenario_that_somebody_entered_cannot_be_deleted(editor, draft):
    scenario = draft(SOUND)
    post(editor, SOUND, **{"action-publish": "1"})
    version = ScenarioVersion.objects.get()
    contact = Contact.objects.create(address="anna@example.org", key="anna@example.org", created_at=timezone.now())
    Enrollment.objects.create(
        scenario=scenario,
        version=version,
        contact=contact,
        entry_key="once",
        step="wait-1",
        step_entered_at=timezone.now(),
        entered_at=timezone.now(),
    )
    response = editor.post(reverse("flows_scenarios:delete", args=[scenario.pk]))
    assert response.status_code == 409
    assert Scenario.objects.exists()


def test_what_went_bad_meanwhile_can_be_rejected_and_cancelled(editor, draft, approval, club, message):
    message("thanks")
    graph = drawing("placed > send thanks to club")
    draft(SOUND)
    post(editor, graph, **{"action-submit": "1"})
    club.delete()
    post(editor, graph, **{"action-workflow-action": "1", "workflow-action-name": "reject"})
    assert Scenario.objects.get().current_workflow_state.status == "needs_changes"
    post(editor, graph, **{"action-cancel-workflow": "1"})
    assert Scenario.objects.get().current_workflow_state is None


def test_a_message_in_use_cannot_be_deleted_in_the_admin(editor, draft, message):
    used = message("thanks")
    scenario = draft(drawing("placed > send thanks"))
    response = editor.post(reverse("flows_messages:delete", args=[used.pk]))
    assert response.status_code == 409
    assert scenario.name in page(response)
    assert type(used).objects.filter(pk=used.pk).exists()


def test_what_runs_keeps_its_message_and_its_list_from_being_deleted(draft, club, message):
    used = message("news")
    scenario = draft(drawing("placed > send news to club"))
    scenario.save_revision().publish()
    scenario.graph = SOUND
    scenario.save()
    assert list(scenarios_naming_list(club)) == [scenario]
    assert list(scenarios_naming_message(used)) == [scenario]


def test_a_message_left_in_another_language_may_lose_one(draft, message):
    scenario = draft(drawing("placed > send thanks"))
    english = message("thanks")
    french = english.copy_for_translation(Locale.objects.get(language_code="fr"))
    french.save()
    assert list(scenarios_naming_message(english)) == []
    french.delete()
    assert list(scenarios_naming_message(english)) == [scenario]
