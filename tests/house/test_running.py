"""`make test` says what it leaves out, and in CI leaves nothing out."""

import os
import subprocess
import sys

from pathlib import Path

import pytest


pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]


def run(**variables):
    environment = {**os.environ, "PATH": "/nowhere", "CHROMIUM": "", "REDIS_URL": "redis://127.0.0.1:1/0", **variables}
    command = [sys.executable, "-m", "tests", "--version"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_what_is_missing_is_said_plainly():
    done = run(CI="", DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert "LEFT OUT: Redis, Chromium." in done.stdout
    assert done.returncode == 0


def test_in_ci_leaving_anything_out_is_a_failure():
    done = run(CI="true", DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert "leaving anything out is a failure" in done.stdout
    assert done.returncode == 3
    assert "The suite on" not in done.stdout
