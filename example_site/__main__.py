"""`make demo`: prepare the example site, then run web, queue and mail server until Ctrl-C. `PORT`, `DATABASE_URL` and
`REDIS_URL` are honoured.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from pathlib import Path
from types import FrameType


ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 10.0


Running = list[tuple[str, subprocess.Popen[bytes]]]


# The queue would index what was saved twice by two workers at once, which Wagtail's index on SQLite doesn't bear the
# first time; so everything has been indexed before.
STEPS = (["migrate", "--verbosity", "0"], ["seed_example"], ["update_index", "--verbosity", "0"])


class Stop(Exception):
    """Ctrl-C or SIGTERM: end everything and go."""


def main() -> int:
    port = _port()
    if port is None:
        return 1
    os.environ.update(PORT=str(port), SMTP_PORT=str(_free_port()))
    os.environ.update(PYTHONUNBUFFERED="1", DJANGO_RUNSERVER_HIDE_WARNING="true")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    running: Running = []
    try:
        print("Preparing the database ...", flush=True)
        for step in STEPS:
            status = subprocess.run(_manage(*step), cwd=ROOT, check=False).returncode
            if status:
                print(f"The demo could not be prepared: {step[0]} failed.", file=sys.stderr)
                return status
        _start(port, running)
        return _watch(port, running)
    except Stop:
        return 0
    finally:
        _end(running)


def _port() -> int | None:
    """The port asked for; None, after saying why, when it is no port or somebody has it."""
    asked = os.environ.get("PORT") or "8000"
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        print(f"PORT must be a number from 1 to 65535, not {asked!r}.", file=sys.stderr)
        return None
    try:
        with socket.socket() as probe:
            # Like the server itself: a port that was in use a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", int(asked)))
    except OSError as error:
        print(f"Port {asked} can't be used ({error.strerror}). Another one: make demo PORT=8001", file=sys.stderr)
        return None
    return int(asked)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "example_site.manage", *arguments]


def _start(port: int, running: Running) -> None:
    """Start each process and add it to `running` at once, so that a Ctrl-C in between leaves none behind."""
    data = os.environ.get("EXAMPLE_SITE_DATA") or str(ROOT / "var" / "demo")
    inbox = str(Path(data) / "inbox")
    commands = {
        "mail server": [sys.executable, "-m", "example_site.inbox.server", os.environ["SMTP_PORT"], inbox],
        "queue": _manage("qcluster"),
        "web": _manage("runserver", "--noreload", f"127.0.0.1:{port}"),
    }
    for name, command in commands.items():
        # A session each: Ctrl-C reaches this process only, which then ends the others in order. What they have to say
        # comes as log lines on standard error; the rest is chatter.
        process = subprocess.Popen(
            command, cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        running.append((name, process))


def _watch(port: int, running: Running) -> int:
    """Say where everything is once the site answers; return when one of the processes ends by itself."""
    greeted = False
    while True:
        for name, process in running:
            if process.poll() is not None:
                print(f"The {name} ended by itself (status {process.returncode}).", file=sys.stderr)
                return 1
        if not greeted and _answers(port):
            greeted = True
            print(_greeting(port), flush=True)
        time.sleep(0.3)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/inbox/", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _greeting(port: int) -> str:
    return f"""
  Atelier Łuczak, the example site of wagtail_flows

    Site    http://localhost:{port}/
    Inbox   http://localhost:{port}/inbox/     every mail that was sent
    Admin   http://localhost:{port}/admin/     demo / demo (on this machine only)

  Ctrl-C stops all of it.
"""


def _end(running: Running) -> None:
    """Ask each process to end, web first; kill whole groups of those that don't within PATIENCE seconds."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # A second Ctrl-C must not leave anything behind.
        signal.signal(number, signal.SIG_IGN)
    for _name, process in reversed(running):
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for _name, process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


if __name__ == "__main__":
    sys.exit(main())
