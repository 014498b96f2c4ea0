"""Anymail is an extra: nothing asks for it where it isn't."""

import os
import subprocess
import sys

import pytest


pytestmark = pytest.mark.once


def test_a_site_without_anymail_starts_and_is_well():
    settings = "tests.messages.feedback.settings_without_anymail"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings}
    done = subprocess.run(
        [sys.executable, "-m", "django", "check"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "I001" not in done.stdout + done.stderr
