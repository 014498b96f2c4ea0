"""The workers of a storm: real processes, forked from one that has loaded everything, so that a kill costs no start.

`python -m tests.chaos.worker '{"LEASE_SECONDS": 5}'` reads commands on its standard input and answers each with a line:

    start    forks a worker; its process id
    ended    the exit codes of those that ended since, as JSON {process id: code}; a signal is a negative code

Environment: DATABASE_URL, SMTP_PORT; PATIENCE in seconds, after which a worker breaks off with an error.
"""

import json
import os
import sys
import time
import traceback

import django


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["PREPARE"] = "yes"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import InterfaceError, OperationalError, connection  # noqa: E402

from wagtail_flows.lib import clock  # noqa: E402
from wagtail_flows.messages import deliver  # noqa: E402
from wagtail_flows.messages.delivery_models import Delivery  # noqa: E402
from wagtail_flows.tasks import Report, work_round  # noqa: E402


AIR = (Delivery.Status.QUEUED, Delivery.Status.SENDING)
ROUND_SECONDS = 5.0
# How the loss of a connection reads. Other errors of the database (a deadlock, a lock that was never given) end the
# worker, and so the storm fails.
LOST = ("terminating connection", "connection is lost", "connection already closed", "the connection is closed",
        "server closed the connection", "consuming input failed", "connection is bad")  # fmt: skip


def work(patience: float) -> None:
    """Do rounds as `flows_tick --forever` does, until nothing is in the air. The clock jumps over back-offs."""
    end = time.monotonic() + patience
    now = clock.real_now()
    while True:
        if time.monotonic() > end:
            raise TimeoutError("Deliveries were left.")
        try:
            if not Delivery.objects.filter(status__in=AIR).exists():
                return
            with clock.moved(now):
                is_idle = not _round()
            due = deliver.next_due(now) if is_idle else None
        except (OperationalError, InterfaceError) as error:
            _expect_lost(str(error))
            connection.close()
            continue
        if due is not None and due > now:
            now = due
        elif is_idle:
            time.sleep(0.05)  # leases end by the machine's own clock, which nothing can move


def _round() -> int:
    report = Report()
    done = work_round(report, time.monotonic() + ROUND_SECONDS)
    for error in report.failed.values():
        _expect_lost(error)
    return done + len(report.failed)


def _expect_lost(error: str) -> None:
    if not any(words in error for words in LOST):
        raise RuntimeError(f"Not the loss of a connection: {error}")


def fork(patience: float) -> int:
    """Start a worker; its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work(patience)
        code = 0
    except BaseException:  # noqa: BLE001 - a child must never return into its parent's loop
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def ended() -> dict[int, int]:
    """The exit codes of the children that ended since this was last asked."""
    found = {}
    try:
        while (reaped := os.waitpid(-1, os.WNOHANG))[0]:
            found[reaped[0]] = os.waitstatus_to_exitcode(reaped[1])
    except ChildProcessError:
        pass  # it has no children any more
    return found


def obey(patience: float) -> None:
    for line in sys.stdin:
        answer = fork(patience) if line.strip() == "start" else ended()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    for name, value in json.loads(sys.argv[1]).items():
        setattr(settings, f"FLOWS_{name}", value)
    obey(float(os.environ["PATIENCE"]))
