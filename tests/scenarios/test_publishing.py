"""Publishing makes a version, by whatever path it came; a graph with errors is refused by every path."""

import threading

from datetime import timedelta

import pytest

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask
from wagtail.models.audit_log import ModelLogEntry
from wagtail.signals import published

from tests.drawing import scenario as drawing
from wagtail_flows.lib import clock
from wagtail_flows.models import Publication, Scenario, ScenarioVersion
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.live import listening
from wagtail_flows.scenarios.pausing import pause
from wagtail_flows.scenarios.problems import GraphInvalid
from wagtail_flows.scenarios.publishing import ScenarioNotPublishable, problems_of


pytestmark = pytest.mark.django_db

SOUND = drawing("placed > wait 1d")
OTHER = drawing("placed > wait 2d")
BROKEN = {**SOUND, "triggers": []}


def publish(scenario: Scenario, graph=None, **options) -> Scenario:
    if graph is not None:
        scenario.graph = graph
    scenario.save_revision().publish(**options)
    return Scenario.objects.get(pk=scenario.pk)


def schedule(scenario: Scenario, graph) -> None:
    """Schedule `graph`, and let its moment come."""
    scenario.graph = graph
    scenario.go_live_at = timezone.now() + timedelta(hours=1)
    revision = scenario.save_revision()
    revision.publish()
    an_hour_ago = timezone.now() - timedelta(hours=1)
    revision.content["go_live_at"] = an_hour_ago.isoformat()
    revision.approved_go_live_at = an_hour_ago
    revision.save()


def test_a_draft_runs_nothing(draft):
    scenario = draft(SOUND)
    scenario.save_revision()
    assert not scenario.live
    assert listening("order.placed") == []


def test_publishing_makes_a_version_that_listens(draft, admin_user):
    scenario = publish(draft(SOUND), user=admin_user)
    version = scenario.current_version
    assert (scenario.live, version.number, version.graph, version.published_by) == (True, 1, SOUND, admin_user)
    assert not scenario.has_unpublished_changes
    (found,) = listening("order.placed")
    assert (found.scenario_id, found.version_id, found.trigger.id) == (scenario.pk, version.pk, "t1")
    assert found.graph == parse(SOUND)
    assert listening("order.paid") == []


def test_it_starts_with_events_recorded_after_the_moment_of_publishing(draft):
    moment = timezone.now() + timedelta(days=3)
    with clock.moved(moment):
        version = publish(draft(SOUND)).current_version
    assert version.starts_with_events_after == version.published_at == moment
    assert listening("order.placed")[0].starts_with_events_after == moment


def test_the_caller_sees_the_new_version_too(draft):
    scenario = draft(SOUND)
    revision = scenario.save_revision()
    scenario.publish(revision)
    assert scenario.current_version.number == 1


def test_saving_a_draft_changes_nothing_that_runs(draft):
    scenario = publish(draft(SOUND))
    scenario.graph = BROKEN
    scenario.save_revision()
    after = Scenario.objects.get(pk=scenario.pk)
    assert after.has_unpublished_changes
    assert [found.version_id for found in listening("order.placed")] == [scenario.current_version_id]


def test_publishing_again_makes_the_next_version(draft):
    first = publish(draft(SOUND)).current_version
    second = publish(Scenario.objects.get(), OTHER).current_version
    assert (first.number, second.number) == (1, 2)
    assert [found.version_id for found in listening("order.placed")] == [second.pk]
    assert ScenarioVersion.objects.get(pk=first.pk).graph == SOUND


def test_publishing_an_unchanged_graph_makes_no_version(draft):
    scenario = publish(draft(SOUND))
    scenario.name = "Another name"
    again = publish(scenario)
    assert again.name == "Another name"
    assert again.current_version_id == scenario.current_version_id


def test_publishing_after_unpublishing_starts_anew(draft):
    scenario = publish(draft(SOUND))
    scenario.unpublish()
    assert listening("order.placed") == []
    again = publish(Scenario.objects.get())
    assert again.current_version.number == 2


def test_unpublishing_keeps_the_version_for_those_inside(draft):
    scenario = publish(draft(SOUND))
    scenario.unpublish()
    assert Scenario.objects.get().current_version.graph == SOUND


def test_unpublishing_what_was_loaded_before_keeps_the_newest_version_and_the_pause(draft):
    stale = publish(draft(SOUND))
    newest = publish(Scenario.objects.get(), OTHER).current_version
    pause(stale)
    stale.unpublish()
    after = Scenario.objects.get()
    assert (after.live, after.current_version, after.is_paused) == (False, newest, True)


def test_a_version_whose_kind_of_step_is_gone_does_not_stop_the_others(draft):
    for _ in range(2):
        publish(draft(SOUND))
    broken = ScenarioVersion.objects.earliest("pk")
    graph = {**SOUND, "triggers": [{"id": "t1", "kind": "comet"}]}
    ScenarioVersion.objects.filter(pk=broken.pk).update(graph=graph, graph_hash="changed")
    assert len(listening("order.placed")) == 1


def test_pausing_turns_nobody_away(draft):
    scenario = publish(draft(SOUND))
    Scenario.objects.update(is_paused=True)
    assert [found.scenario_id for found in listening("order.placed")] == [scenario.pk]


def test_publishing_does_not_end_a_pause_made_after_the_draft(draft):
    revision = draft(OTHER).save_revision()
    Scenario.objects.update(is_paused=True)
    revision.publish()
    assert Scenario.objects.get().is_paused


def test_publishing_an_old_revision_brings_only_its_graph_back(draft):
    scenario = publish(draft(SOUND))
    old = scenario.latest_revision
    publish(scenario, OTHER)
    old.publish()
    after = Scenario.objects.get()
    assert (after.current_version.number, after.current_version.graph) == (3, SOUND)


def test_a_graph_with_errors_is_refused(draft):
    scenario = publish(draft(SOUND))
    scenario.graph = BROKEN
    with pytest.raises(ScenarioNotPublishable) as caught:
        scenario.save_revision().publish()
    assert [problem.code for problem in caught.value.problems] == ["no_trigger"]
    after = Scenario.objects.get()
    assert (after.live, after.current_version_id) == (True, scenario.current_version_id)
    assert ScenarioVersion.objects.count() == 1


@pytest.mark.parametrize("graph", [{}, [], None, "x", {"start": []}])
def test_a_graph_that_is_none_is_refused(draft, graph):
    scenario = draft(SOUND)
    scenario.graph = graph
    revision = scenario.save_revision(clean=False)
    with pytest.raises(GraphInvalid):
        revision.publish()
    assert not Scenario.objects.get().live


def test_names_that_lead_nowhere_are_refused(draft, message, club):
    scenario = draft(drawing("placed > send thanks to club"))
    message("thanks")
    assert publish(scenario).live
    club.delete()
    with pytest.raises(ScenarioNotPublishable, match="no list"):
        publish(scenario)


def test_an_e_mail_that_is_not_published_is_refused(draft, message):
    thanks = message("thanks")
    thanks.unpublish()
    scenario = draft(drawing("placed > send thanks"))
    with pytest.raises(ScenarioNotPublishable, match="publish it first"):
        publish(scenario)
    thanks.save_revision().publish()
    assert publish(scenario).live


def test_warnings_do_not_stop_publishing(draft):
    scenario = draft(drawing("placed > wait 7d > jump wait-1"))
    assert [problem.code for problem in problems_of(scenario.graph, {})] == ["nobody_gets_out"]
    assert publish(scenario).live


@pytest.mark.parametrize("plan", [{}, {"inside": "stay"}, {"inside": "stay", "start_with": "future"}])
def test_the_usual_plan_is_obeyed(draft, plan):
    assert publish(draft(SOUND, plan=plan)).live


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"inside": "throw"}, "plan.inside"),
        ({"start_with": "existing"}, "plan.start_with"),
        ({"when": "now"}, "plan.when"),
        ([], "plan"),
    ],
)
def test_a_plan_that_cannot_be_obeyed_is_refused(draft, plan, field):
    with pytest.raises(ScenarioNotPublishable) as caught:
        publish(draft(SOUND, plan=plan))
    assert [problem.field for problem in caught.value.problems] == [field]


def test_whoever_may_not_publish_makes_no_version(draft, django_user_model):
    bob = django_user_model.objects.create_user("bob", "bob@example.org", "password")
    with pytest.raises(PermissionDenied):
        publish(draft(SOUND), user=bob)
    assert not ScenarioVersion.objects.exists()


def test_an_error_after_the_version_was_made_takes_everything_back(draft):
    def fail(**kwargs):
        raise RuntimeError("a receiver of somebody else")

    published.connect(fail, sender=Scenario)
    try:
        with pytest.raises(RuntimeError):
            publish(draft(SOUND))
    finally:
        published.disconnect(fail, sender=Scenario)
    assert not Scenario.objects.get().live
    assert not ScenarioVersion.objects.exists()


def test_receivers_of_the_signal_see_the_version(draft):
    seen = []

    def look(instance, **kwargs):
        seen.append((instance.live, instance.current_version.number))

    published.connect(look, sender=Scenario)
    try:
        publish(draft(SOUND))
    finally:
        published.disconnect(look, sender=Scenario)
    assert seen == [(True, 1)]


def test_a_schedule_makes_nothing_until_its_moment(draft):
    scenario = draft(SOUND)
    scenario.go_live_at = timezone.now() + timedelta(hours=1)
    scenario = publish(scenario)
    assert not scenario.live
    assert scenario.approved_schedule
    assert not ScenarioVersion.objects.exists()


def test_what_is_live_runs_on_until_the_moment_of_the_schedule(draft):
    scenario = publish(draft(SOUND))
    scenario.go_live_at = timezone.now() + timedelta(hours=1)
    after = publish(scenario, OTHER)
    assert after.live
    assert listening("order.placed")[0].graph.steps[0].duration.amount == 1


def test_a_broken_graph_cannot_even_be_scheduled(draft):
    scenario = draft(BROKEN)
    scenario.go_live_at = timezone.now() + timedelta(hours=1)
    with pytest.raises(ScenarioNotPublishable):
        publish(scenario)
    assert not Scenario.objects.get().approved_schedule


def test_at_the_moment_of_the_schedule_the_version_is_made(draft):
    schedule(draft(SOUND), OTHER)
    call_command("publish_scheduled")
    assert Scenario.objects.get().live
    assert [found.graph.steps[0].duration.amount for found in listening("order.placed")] == [2]


def test_a_schedule_that_went_bad_is_taken_back_and_others_go_on(draft, club, message, caplog):
    message("thanks")
    schedule(draft(SOUND), drawing("placed > send thanks to club"))
    schedule(draft(SOUND), OTHER)
    club.delete()
    call_command("publish_scheduled")
    first, second = Scenario.objects.order_by("pk")
    assert (first.live, first.approved_schedule) == (False, False)
    assert second.live
    assert "no list" in caplog.text
    entry = ModelLogEntry.objects.get(action="wagtail_flows.publish_refused")
    assert entry.object_id == str(first.pk)
    assert entry.data["problems"][0]["code"] == "unknown_list"


def test_the_end_of_a_schedule_closes_the_door(draft):
    scenario = publish(draft(SOUND))
    Scenario.objects.filter(pk=scenario.pk).update(expire_at=timezone.now() - timedelta(hours=1))
    call_command("publish_scheduled")
    assert listening("order.placed") == []


def approved(scenario: Scenario, user) -> None:
    group = Group.objects.create(name="approvers")
    task = GroupApprovalTask.objects.create(name="look")
    task.groups.add(group)
    workflow = Workflow.objects.create(name="four eyes")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    state = workflow.start(scenario, user)
    state.current_task_state.approve(user=user)


def test_approval_publishes(draft, admin_user):
    scenario = draft(SOUND)
    scenario.save_revision()
    approved(scenario, admin_user)
    after = Scenario.objects.get()
    assert (after.live, after.current_version.published_by) == (True, admin_user)


def test_approval_of_a_broken_graph_is_refused(draft, admin_user):
    scenario = draft(BROKEN)
    scenario.save_revision()
    with pytest.raises(ScenarioNotPublishable):
        approved(scenario, admin_user)
    assert not Scenario.objects.get().live


def test_a_version_never_changes(draft):
    version = publish(draft(SOUND)).current_version
    version.graph = OTHER
    with pytest.raises(ValidationError):
        version.save()


def test_a_graph_is_read_once_for_each_version(draft, django_assert_num_queries):
    publish(draft(SOUND))
    listening("order.placed")
    with django_assert_num_queries(1):
        listening("order.placed")


@pytest.mark.django_db(transaction=True)
def test_publishing_at_the_same_time_gives_distinct_numbers(draft, wagtail_site):
    scenario = draft(SOUND)
    revisions = []
    for days in range(1, 5):
        scenario.graph = drawing(f"placed > wait {days}d")
        revisions.append(scenario.save_revision())
    errors: list[Exception] = []
    together = threading.Barrier(len(revisions))

    def work(revision):
        try:
            together.wait()
            revision.publish()
        except Exception as error:  # noqa: BLE001 (told to the test below)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[revision]) for revision in revisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    versions = list(ScenarioVersion.objects.order_by("number"))
    assert [version.number for version in versions] == [1, 2, 3, 4]
    assert Scenario.objects.get().current_version == versions[-1]


def test_a_trigger_that_stays_listens_on_and_a_new_one_begins_now(draft):
    start = timezone.now()
    with clock.moved(start):
        scenario = publish(draft(drawing("placed, paid > wait 1d")))
    with clock.moved(start + timedelta(hours=1)):
        publish(scenario, drawing("delivered, placed every_time > wait 2d"))
    assert listening("order.placed")[0].starts_with_events_after == start, "how often isn't what it hears"
    assert listening("order.delivered")[0].starts_with_events_after == start + timedelta(hours=1)
    with clock.moved(start + timedelta(hours=2)):
        publish(Scenario.objects.get(), drawing("placed, paid > wait 3d"))
    assert listening("order.placed")[0].starts_with_events_after == start
    assert listening("order.paid")[0].starts_with_events_after == start + timedelta(hours=2)


def test_a_schedule_and_an_approval_obey_the_plan_of_their_draft(draft, admin_user):
    scenario = publish(draft(SOUND))
    scenario.plan = {"inside": "leave"}
    schedule(scenario, OTHER)
    call_command("publish_scheduled")
    assert [(one.inside, one.before) for one in Publication.objects.all()] == [("leave", 2)]
    scenario = Scenario.objects.get()
    assert (scenario.plan, scenario.get_latest_revision_as_object().plan) == ({}, {})
    scenario.graph, scenario.plan = SOUND, {"start_with": "also_matching"}
    scenario.save_revision()
    approved(scenario, admin_user)
    latest = Publication.objects.latest("pk")
    assert (latest.inside, [one["trigger"]["id"] for one in latest.intake]) == ("stay", ["t1"])
    entry = ModelLogEntry.objects.filter(action="wagtail_flows.publish_plan").latest("pk")
    assert entry.data["version"] == 3
    assert "already" in entry.message
