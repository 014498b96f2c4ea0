"""The demo as a stranger starts it: real processes, on a port of their own, with a folder of their own."""

import os
import socket
import subprocess
import sys

from collections.abc import Iterator
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent


def environment(folder: Path, port: int) -> dict[str, str]:
    """What the processes of a demo are told."""
    own = {"EXAMPLE_SITE_DATA": str(folder), "PORT": str(port), "DATABASE_URL": "", "REDIS_URL": ""}
    return {**os.environ, **own}


def starting(folder: Path) -> Iterator:
    """A function that starts the demo on a port; all of them are ended when the generator is."""
    started = []

    def start_on(port: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "example_site"],
            cwd=ROOT,
            env=environment(folder, port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start_on
    for process in started:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def greeting(process: subprocess.Popen[str]) -> str:
    """What the demo says until it is ready; fails when it ends before."""
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C stops" in line:
            return said
    raise AssertionError(f"The demo ended (status {process.wait()}):\n{said}")
