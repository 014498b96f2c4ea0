"""Wagtail's workflow views: they ask the task who may, so they are tried with a task that is going on."""

import pytest

from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask


@pytest.fixture
def task_state(world, admin_user):
    """An e-mail that waits for the approval of a group."""
    task = GroupApprovalTask.objects.create(name="Check")
    task.groups.add(Group.objects.create(name="approvers"))
    workflow = Workflow.objects.create(name="Four eyes")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    world.message.subject = "Changed"
    world.message.save_revision(user=admin_user)
    return workflow.start(world.message, admin_user).current_task_state


def addresses(world, task_state):
    pk = world.message.pk
    for action in ("approve", "reject"):
        for view in ("workflow_action", "collect_workflow_action_data"):
            yield reverse(f"flows_messages:{view}", args=[pk, action, task_state.pk])
    yield reverse("flows_messages:workflow_preview", args=[pk, task_state.task_id])
    yield reverse("flows_messages:confirm_workflow_cancellation", args=[pk])


@pytest.mark.parametrize("who", ["who_reads", "who_may_not"])
def test_who_isnt_asked_neither_sees_nor_approves(client, world, task_state, who, request):
    client.force_login(request.getfixturevalue(who))
    for url in addresses(world, task_state):
        for answer in (client.get(url), client.post(url)):
            assert answer.status_code in {302, 403, 405}, url
            assert "Changed" not in answer.text
    task_state.refresh_from_db()
    assert task_state.status == "in_progress"
    world.message.refresh_from_db()
    assert world.message.subject == "Thank you"


def test_who_is_asked_approves(client, world, task_state, admin_user):
    client.force_login(admin_user)
    url = reverse("flows_messages:workflow_action", args=[world.message.pk, "approve", task_state.pk])
    client.post(url, {"comment": ""})
    world.message.refresh_from_db()
    assert world.message.subject == "Changed"
