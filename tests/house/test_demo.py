"""`make demo`: one command starts everything, Ctrl-C ends everything."""

import signal
import smtplib
import socket
import time
import urllib.error
import urllib.request

from pathlib import Path

import pytest

from tests.demo import free_port, greeting


# It brings its own database.
pytestmark = pytest.mark.once


def processes_of(tmp_path):
    """The processes on this machine whose environment names this demo's folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if str(tmp_path).encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def mail_port(tmp_path):
    (command,) = [line for line in processes_of(tmp_path) if "example_site.inbox.server" in line]
    return int(command.split()[-2])


@pytest.mark.slow
def test_the_demo_starts_shows_its_mail_and_ends_twice_without_leaving_anything(start, tmp_path):
    for ending in (signal.SIGINT, signal.SIGTERM):
        port = free_port()
        demo = start(port)
        said = greeting(demo)
        for address in ("", "inbox/", "admin/"):
            assert f"http://localhost:{port}/{address}" in said
        with smtplib.SMTP("127.0.0.1", mail_port(tmp_path)) as smtp:
            smtp.sendmail("a@example.org", ["b@example.org"], b"Subject: Fresh bread\r\n\r\nIt is warm.")
        assert "Fresh bread" in opened(port, "inbox/")
        assert "Yes, send me the newsletter" in opened(port, "newsletter/")
        assert any("qcluster" in command for command in processes_of(tmp_path))
        demo.send_signal(ending)
        assert demo.wait(30) == 0
        assert eventually_none(tmp_path) == []


def opened(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as page:
        return page.read().decode()


def eventually_none(tmp_path):
    """What is left of the demo; the kernel may need a moment to take the last one away."""
    for _ in range(20):
        left = processes_of(tmp_path)
        if not left:
            break
        time.sleep(0.1)
    return left


def test_a_port_that_somebody_has_is_said_before_anything_starts(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = start(port)
        said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 1
    assert f"Port {port} can't be used" in said
    assert "make demo PORT=8001" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_that_is_none_is_said(start, port):
    said, _ = start(port).communicate(timeout=30)
    assert "PORT must be a number from 1 to 65535" in said
