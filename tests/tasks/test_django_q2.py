"""django-q2 behind the Django Tasks API: the backend, the schedule, the checks."""

from __future__ import annotations

import threading

from datetime import timedelta

import pytest

from django.core.management import call_command
from django.db import connection
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from wagtail_flows import tasks
from wagtail_flows.contrib.django_q2 import checks
from wagtail_flows.contrib.django_q2.backend import RUN, DjangoQ2Backend
from wagtail_flows.contrib.django_q2.running import run
from wagtail_flows.contrib.django_q2.schedule import NAME, ensure_schedule, is_scheduled
from wagtail_flows.engine import heartbeat
from wagtail_flows.lib import clock
from wagtail_flows.lib.tasks_api import InvalidTask, TaskResultStatus, task


pytestmark = pytest.mark.django_db

told: list[tuple] = []


@task()
def tell(*args, **kwargs) -> str:
    told.append((args, kwargs))
    return "told"


@task(takes_context=True)
def ask(context) -> None:
    """Never run."""


@pytest.fixture
def backend() -> DjangoQ2Backend:
    told.clear()
    OrmQ.objects.all().delete()
    Schedule.objects.all().delete()
    return DjangoQ2Backend(alias="default", params={"QUEUES": []})


def payload() -> dict:
    return SignedPackage.loads(OrmQ.objects.get().payload)


def test_a_task_is_queued_by_its_path_and_run_by_it(backend):
    result = backend.enqueue(tell, [1, "two"], {"three": None})
    assert result.status == TaskResultStatus.READY
    queued = payload()
    assert (queued["id"], queued["func"]) == (result.id, RUN)
    assert queued["args"] == ("tests.tasks.test_django_q2.tell", [1, "two"], {"three": None})
    assert run(*queued["args"]) == "told"
    assert told == [((1, "two"), {"three": None})]


def test_a_task_that_raises_is_not_run_again_for_ever(backend):
    backend.enqueue(tell, [], {})
    assert payload()["ack_failure"] is True


def test_what_is_not_json_is_refused_before_it_is_queued(backend):
    with pytest.raises(TypeError):
        backend.enqueue(tell, [object()], {})
    assert not OrmQ.objects.exists()


def test_what_django_q2_cannot_do_is_refused(backend):
    with pytest.raises(InvalidTask, match="context"):
        backend.enqueue(ask, [], {})


def test_another_queue_is_another_cluster(backend):
    backend.enqueue(tell.using(queue_name="slow", backend="flows"), [], {})
    assert OrmQ.objects.get().key == "slow"


@pytest.mark.django_db(transaction=True)
def test_a_task_for_later_waits_on_the_schedule(backend):
    later = tell.using(run_after=clock.real_now() + timedelta(hours=1), backend="flows")
    backend.enqueue(later, [7], {})
    scheduler()
    assert not OrmQ.objects.exists()
    Schedule.objects.update(next_run=clock.real_now() - timedelta(seconds=1))
    scheduler()
    assert run(*payload()["args"]) == "told"
    assert told == [((7,), {})]
    assert not Schedule.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_through_it(backend, settings):
    settings.FLOWS_TASK_BACKEND = "default"
    heartbeat.answer_bell()
    tasks.ring()
    tasks.ring()
    assert run(*payload()["args"])["deliveries"] == 0


@pytest.mark.django_db(transaction=True)
def test_the_schedule_of_each_minute_runs_a_tick(backend):
    ensure_schedule(using="default")
    assert is_scheduled()
    Schedule.objects.filter(name=NAME).update(next_run=clock.real_now() - timedelta(seconds=1))
    scheduler()
    queued = payload()
    assert queued["ack_failure"] is True
    assert run(*queued["args"])["deliveries"] == 0
    assert Schedule.objects.get(name=NAME).next_run > clock.real_now()


def test_there_is_one_schedule_and_the_owners_changes_stay(db):
    ensure_schedule(using="default")
    Schedule.objects.filter(name=NAME).update(minutes=2)
    Schedule.objects.create(name=NAME, func="copy")
    ensure_schedule(using="default")
    assert Schedule.objects.get(name=NAME).minutes == 2
    ensure_schedule(using="another")


@pytest.mark.django_db(transaction=True)
def test_migrating_makes_it_and_migrating_twice_makes_no_second():
    Schedule.objects.filter(name=NAME).delete()
    for _time in range(2):
        call_command("migrate", verbosity=0)
    assert Schedule.objects.filter(name=NAME).count() == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_migrates_at_the_same_time_makes_one():
    Schedule.objects.filter(name=NAME).delete()
    together = threading.Barrier(4)

    def migrate() -> None:
        together.wait()
        ensure_schedule(using="default")
        connection.close()

    threads = [threading.Thread(target=migrate) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Schedule.objects.filter(name=NAME).count() == 1


@pytest.mark.parametrize(
    ("check", "cluster", "found"),
    [
        (checks.a_backlog_is_not_repeated, {}, ["wagtail_flows.W021"]),
        (checks.a_backlog_is_not_repeated, {"catch_up": False}, []),
        (checks.a_poisoned_task_ends, {}, ["wagtail_flows.W022"]),
        (checks.a_poisoned_task_ends, {"max_attempts": 3}, []),
        (checks.a_poisoned_task_ends, {"ack_failures": True}, []),
    ],
)
def test_what_is_set_up_badly_is_said(settings, check, cluster, found):
    settings.Q_CLUSTER = cluster
    assert [warning.id for warning in check()] == found


@pytest.mark.parametrize(
    ("age", "options", "found"),
    [(0, {}, ["wagtail_flows.W023"]), (60, {}, []), (None, {}, []), (0, {"pool": True}, [])],
)
def test_connections_that_are_not_kept_are_said(settings, monkeypatch, age, options, found):
    database = {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": age, "OPTIONS": options}
    monkeypatch.setattr(checks, "settings", type("Settings", (), {"DATABASES": {"default": database}}))
    assert [warning.id for warning in checks.connections_are_kept()] == found
