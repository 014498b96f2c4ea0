"""Ringing: one pending bell is enough, none is lost for long, and no request ever suffers by it."""

from __future__ import annotations

import os
import subprocess
import sys

from datetime import timedelta

import pytest

from django.db import transaction

from wagtail_flows import tasks
from wagtail_flows.contrib.django_q2.backend import DjangoQ2Backend
from wagtail_flows.engine import heartbeat
from wagtail_flows.engine.models import Heartbeat
from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.tasks_api import task_backends


pytestmark = pytest.mark.django_db


def test_one_pending_bell_is_enough(queued):
    for _ring in range(5):
        tasks.ring()
    assert [result.task.name for result in queued] == ["answer_bell"]
    assert Heartbeat.objects.count() == 1


def test_once_answered_it_can_be_rung_again(queued):
    tasks.ring()
    heartbeat.answer_bell()
    assert not heartbeat.is_rung()
    tasks.ring()
    assert len(queued) == 2


def test_a_ring_that_was_lost_with_its_queue_counts_for_a_minute_only(queued):
    tasks.ring()
    Heartbeat.objects.update(rung_at=clock.real_now() - timedelta(seconds=61))
    tasks.ring()
    assert len(queued) == 2


@pytest.mark.django_db(transaction=True)
def test_it_rings_after_commit_and_never_after_a_rollback(queued):
    with transaction.atomic():
        bell.ring()
        assert queued == []
    assert len(queued) == 1
    heartbeat.answer_bell()
    with pytest.raises(ZeroDivisionError):
        ring_and_fail()
    assert len(queued) == 1


@transaction.atomic
def ring_and_fail() -> None:
    bell.ring()
    raise ZeroDivisionError


def test_a_broken_queue_is_logged_and_breaks_nothing(settings, caplog):
    settings.TASKS = {
        **settings.TASKS,
        "broken": {"BACKEND": "tests.tasks.broken.BrokenBackend", "QUEUES": []},
    }
    del task_backends.settings  # read anew
    settings.FLOWS_TASK_BACKEND = "broken"
    tasks.ring()
    assert "The bell could not be rung" in caplog.text
    assert "no route to the broker" in caplog.text
    del task_backends.settings


def test_without_a_queue_the_bell_is_silent():
    """In a process of its own: Django can't forget an app."""
    code = (
        "import django; django.setup(); from wagtail_flows import checks, tasks; "
        "print(tasks.queue_backend(), tasks.ring(), *[found.id for found in checks.the_bell_can_ring()])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.tasks.settings_without_queue"}
    answered = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answered.stdout.split() == ["None", "None", "wagtail_flows.W002"]


def test_django_q2_stands_in_for_an_immediate_backend_without_being_configured(settings):
    settings.FLOWS_TASK_BACKEND = "default"
    assert isinstance(tasks.queue_backend(), DjangoQ2Backend)
    settings.FLOWS_TASK_BACKEND = "unknown"
    assert isinstance(tasks.queue_backend(), DjangoQ2Backend)
