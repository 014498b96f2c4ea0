"""How long people wait: from an event to the e-mail at the server, and from the moment a timer is due.

Both with a running qcluster of two workers, on the real clock.
"""

from __future__ import annotations

import random
import tempfile
import time

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from django.db import connection

from benchmarks.engine.processes import cluster
from benchmarks.engine.sink import sink
from benchmarks.engine.world import EVENT, World, enrolled, people, settle_down, world
from benchmarks.measuring import Pace
from wagtail_flows import tasks
from wagtail_flows.contrib.django_q2.schedule import ensure_schedule
from wagtail_flows.engine.models import Heartbeat
from wagtail_flows.events.recording import NewEvent, record
from wagtail_flows.lib import clock


LATENCY, LATENESS = "latency", "lateness"
CLUSTER = "qcluster of 2 workers"
GLANCE = 0.02
PATIENCE = 60.0
A_SECOND = 200
# Of two workers one may commit lower numbers after the other's higher ones.
COMMITTED_LATER = 2_000
# In seconds: before the first timer is due, and at most for the cluster's start: it looks at its schedule each minute.
BEFORE = 5
START = 120.0


def latency(events: int) -> Iterator[Pace]:
    """From before an event is recorded until the server has the e-mail. Between two of them nothing happens."""
    chance = random.Random(1)
    with world(at=None), tempfile.TemporaryDirectory() as kept, sink(keeping=Path(kept)) as port:
        people(events)
        _forget_tasks()
        with cluster(port):
            _await_beat()
            found = []
            for contact in range(1, events + 1):
                time.sleep(chance.uniform(0.5, 1.5))
                found.append(_answered(contact, Path(kept)))
    yield from _shown(LATENCY, "event recorded → e-mail at the server, idle", found, aim=2)


def lateness(seconds: int) -> Iterator[Pace]:
    """A wait that is over, an e-mail behind it: until another connection sees that it was left."""
    number = A_SECOND * seconds
    with world(at=None) as here, sink() as port:
        people(number)
        _forget_tasks()
        with cluster(port):
            _await_beat()
            first = clock.real_now() + timedelta(seconds=BEFORE)
            _time(here, number, first)
            found = _left(number, first)
            sent = _sent(number)
    note = f"the last e-mail {sent - first.timestamp() - seconds:.1f} s after the last was due"
    yield from _shown(LATENESS, f"{A_SECOND} timers due a second, for {seconds} s", found, aim=5, note=note)


def _time(here: World, number: int, first: datetime) -> None:
    """Enroll everybody, due one after the other from `first` on, and ring, as the runner does that enrolls people."""
    enrolled(here, 1, number, first)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE wagtail_flows_enrollment SET due_at = due_at + (contact_id - 1) * interval '1 second' / %s",
            [A_SECOND],
        )
    settle_down("enrollment")
    tasks.ring()


def _forget_tasks() -> None:
    """Nothing rung, nothing queued; the schedule that repairs a lost bell is there."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_q_ormq, django_q_schedule, django_q_task")
    Heartbeat.objects.all().delete()
    ensure_schedule(using="default")


def _await_beat() -> None:
    """The cluster works once a runner has answered the bell."""
    end = time.monotonic() + START
    while not Heartbeat.objects.filter(beat_at__isnull=False).exists():
        if time.monotonic() > end:
            raise TimeoutError("The cluster doesn't work.")
        time.sleep(GLANCE)


def _answered(contact: int, kept: Path) -> float:
    """Seconds from recording until the file of the e-mail was written."""
    known = set(kept.iterdir())
    start = time.time()
    record(NewEvent(EVENT, contact, "benchmark", f"order:{contact}", subject=f"order:{contact}"))
    while time.time() < start + PATIENCE:
        for path in set(kept.iterdir()) - known:
            return path.stat().st_mtime - start
        time.sleep(GLANCE)
    raise TimeoutError(f"No e-mail for event {contact} within {PATIENCE:.0f} s.")


def _left(number: int, first: datetime) -> list[float]:
    """The lateness of each: when it was seen, to GLANCE, minus when it was due."""
    seen: dict[int, float] = {}
    last = 0
    end = time.time() + BEFORE + number / A_SECOND + PATIENCE
    while len(seen) < number and time.time() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT v.id, e.contact_id FROM wagtail_flows_visit v JOIN wagtail_flows_enrollment e"
                " ON e.id = v.enrollment_id WHERE v.id > %s AND v.number = 1 ORDER BY v.id",
                [last - COMMITTED_LATER],
            )
            rows = cursor.fetchall()
        now = time.time()
        new = {pk: now - first.timestamp() - (contact - 1) / A_SECOND for pk, contact in rows if pk not in seen}
        seen |= new
        last = max([last, *new])
        time.sleep(GLANCE)
    if len(seen) < number:
        raise TimeoutError(f"Only {len(seen)} of {number} timers were done.")
    return list(seen.values())


def _sent(number: int) -> float:
    """When the last e-mail was sent (real time, seconds)."""
    end = time.time() + number / 10 + PATIENCE
    while time.time() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM wagtail_flows_delivery WHERE status = 'sent'")
            if cursor.fetchone()[0] == number:
                return time.time()
        time.sleep(0.2)
    raise TimeoutError("Not all e-mails were sent.")


def _shown(part: str, name: str, found: Sequence[float], aim: float, note: str = "") -> Iterator[Pace]:
    ordered = sorted(found)
    p95 = quantiles(ordered, n=20)[-1]
    for which, value in (("p50", ordered[len(ordered) // 2]), ("p95", p95), ("worst", ordered[-1])):
        aimed = f"aimed at {aim:g} s" if which == "p95" else note if which == "worst" else f"{len(found):,} of them"
        yield Pace(part, f"{name}: {which}", CLUSTER, "s", value, note=aimed)
