"""Real processes: a django-q2 cluster and a runner without any queue, each with a real SMTP server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from collections.abc import Callable, Iterator

import pytest

from django_q.models import OrmQ, Schedule

from tests.smtp_sink import SmtpSink
from wagtail_flows import tasks
from wagtail_flows.engine import heartbeat
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock


pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

DEADLINE = 60.0


@pytest.fixture
def started(database_url, smtp_sink) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts `manage.py …` on the test's own database; whatever still runs in the end is stopped."""
    processes: list[subprocess.Popen] = []

    def start(*words: str, settings_module: str = "tests.settings", **environment: str) -> subprocess.Popen:
        values = {
            **os.environ,
            "DATABASE_URL": database_url,
            "SMTP_PORT": str(smtp_sink.port),
            "DJANGO_SETTINGS_MODULE": settings_module,
            **environment,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "django", *words],
            env=values,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


def wait_for(condition: Callable[[], bool], process: subprocess.Popen) -> None:
    """Wait, with a deadline, for what a process does. Fails with its output when it doesn't."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end or process.poll() is not None:
            os.killpg(process.pid, signal.SIGKILL)
            pytest.fail(f"It did not happen:\n{process.communicate()[0][-5000:]}")
        time.sleep(0.05)


def stop(process: subprocess.Popen) -> str:
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=DEADLINE)[0]
    assert process.returncode == 0, output
    return output


def test_without_a_queue_a_runner_delivers_within_seconds_and_stops_when_told(story, started, smtp_sink: SmtpSink):
    story.now = clock.real_now()
    story.publish("placed > send thanks")
    runner = started("flows_tick", "--forever")
    wait_for(lambda: heartbeat.last_beat() is not None, runner)
    began = time.monotonic()
    story.now = clock.real_now()
    story.happens("order.placed", story.contact())
    wait_for(lambda: bool(smtp_sink.to("alice@example.org")), runner)
    assert time.monotonic() - began < 20
    assert "nothing is left half done" in stop(runner)
    assert len(smtp_sink.to("alice@example.org")) == 1


def test_a_runner_killed_in_the_middle_leaves_nobody_behind_and_moves_nobody_twice(story, started):
    story.now = clock.real_now()
    story.publish("placed > exit")
    story.now = clock.real_now()
    for number in range(60):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    runner = started("flows_tick", "--until-idle", settings_module="tests.tasks.settings_cluster", BATCH_SIZE="2")
    wait_for(Visit.objects.exists, runner)
    os.killpg(runner.pid, signal.SIGKILL)
    runner.wait()
    tasks.tick(until_idle=True)
    assert Enrollment.objects.filter(status="ended", visit_count=1).count() == 60
    assert Visit.objects.count() == 60


@pytest.mark.parametrize("broker", ["orm", pytest.param("redis", marks=pytest.mark.redis)])
def test_a_cluster_delivers_within_seconds_of_the_event(story, started, smtp_sink, settings, monkeypatch, broker):
    settings.FLOWS_TASK_BACKEND = "default"
    use_broker(monkeypatch, broker)
    Schedule.objects.all().delete()
    OrmQ.objects.all().delete()
    story.now = clock.real_now()
    story.publish("placed > send thanks")
    heartbeat.answer_bell()
    tasks.ring()
    cluster = started("qcluster", settings_module="tests.tasks.settings_cluster", Q_BROKER=broker)
    wait_for(lambda: not heartbeat.is_rung(), cluster)
    began = time.monotonic()
    story.now = clock.real_now()
    story.happens("order.placed", story.contact())
    wait_for(lambda: bool(smtp_sink.to("alice@example.org")), cluster)
    assert time.monotonic() - began < 20
    stop(cluster)
    assert len(smtp_sink.to("alice@example.org")) == 1


def use_broker(monkeypatch: pytest.MonkeyPatch, broker: str) -> None:
    """Let this process put its tasks where the cluster looks; django-q2 reads its settings once, when imported."""
    from django_q.conf import Conf  # noqa: PLC0415

    from tests.tasks import settings_cluster  # noqa: PLC0415

    monkeypatch.setattr(Conf, "ORM", None if broker == "redis" else "default")
    monkeypatch.setattr(Conf, "REDIS", settings_cluster.REDIS if broker == "redis" else {})
    if broker == "redis":
        settings_cluster.empty_queue(Conf.PREFIX)
