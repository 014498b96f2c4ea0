"""Real processes: workers that advance, beside each other or alone, and the cluster of a queue.

`python -m benchmarks.engine.processes` is such a worker. It says `ready`, waits for a line, advances until nothing is
due, and says how many enrollments it moved and how much memory it had at its peak, in MB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import django


SETTINGS = "benchmarks.engine.cluster_settings"


@dataclass(frozen=True)
class Done:
    """What workers did together: how many enrollments, in how many seconds, the highest peak of memory in MB."""

    moved: int
    seconds: float
    peak: float


def advanced_by(workers: int, database: str) -> Done:
    """Let so many processes advance until nothing is due. Their start isn't timed."""
    with ExitStack() as stack:
        started = [stack.enter_context(_worker(database)) for _number in range(workers)]
        for one in started:
            _hear(one)
        begun = time.perf_counter()
        for one in started:
            _tell(one)
        told = [_hear(one).split() for one in started]
        taken = time.perf_counter() - begun
    return Done(sum(int(moved) for moved, _peak in told), taken, max(float(peak) for _moved, peak in told))


@contextmanager
def cluster(port: int) -> Iterator[None]:
    """A running qcluster that sends its mail to this port; answers once it works."""
    command = [sys.executable, "-m", "django", "qcluster", f"--settings={SETTINGS}"]
    process = subprocess.Popen(
        command, env=os.environ | {"SMTP_PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _worker(database: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.engine.processes"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS, "BENCH_DATABASE": database}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    heard = process.stdout.readline()
    if not heard:
        raise RuntimeError(f"A worker ended early, with {process.wait()}.")
    return heard


def _work() -> None:
    django.setup()

    from django.db import connection  # noqa: PLC0415

    from benchmarks.engine.world import NOW  # noqa: PLC0415
    from wagtail_flows.engine import advancing  # noqa: PLC0415
    from wagtail_flows.lib import clock  # noqa: PLC0415

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    with clock.moved(NOW):
        moved = advancing.advance(NOW)
    print(moved, _peak(), flush=True)


def _peak() -> float:
    """The most memory that this process has had, in MB. Not what `getrusage` says, which counts the process that this
    one was forked from.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    _work()
