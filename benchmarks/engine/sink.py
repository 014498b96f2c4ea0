"""Postfix's smtp-sink: takes mail as fast as any server can, and throws it away."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.test import override_settings

from example_site.mail import email_settings


NAME = "smtp-sink"
PLACES = ("/usr/sbin/smtp-sink", "/usr/lib/postfix/sbin/smtp-sink", "/usr/local/sbin/smtp-sink")
CONNECTIONS = "100"


class SinkMissing(Exception):
    """smtp-sink isn't installed: it comes with Postfix (the package `postfix` of Debian and Ubuntu)."""


@contextmanager
def sink(keeping: Path | None = None) -> Iterator[int]:
    """Run one while the block lasts, and let Django send to it; its port. `keeping`: a folder for a file of each
    e-mail. Raises SinkMissing.
    """
    program = shutil.which(NAME) or next(filter(shutil.which, PLACES), None)
    if program is None:
        raise SinkMissing(SinkMissing.__doc__)
    port = _free_port()
    kept = ["-d", f"{keeping}/%s."] if keeping else []
    process = subprocess.Popen([program, "-4", "-u", getpass.getuser(), *kept, f"127.0.0.1:{port}", CONNECTIONS])
    try:
        _await(port)
        with override_settings(**email_settings(port)):
            yield port
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def _await(port: int) -> None:
    for _try in range(100):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise TimeoutError(f"{NAME} doesn't answer on port {port}.")
