"""django-drip-campaigns as a rival, in a process, with settings and a database of its own."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys

from dataclasses import dataclass

from django.db import connection

from benchmarks.databases import made_ready


DATABASE = "bench_drip"


def _version() -> str:
    try:
        return importlib.metadata.version("django-drip-campaigns")
    except importlib.metadata.PackageNotFoundError:
        return ""


VERSION = _version()


@dataclass(frozen=True)
class Drips:
    """So many users and one drip, run once: the rate is measured inside of its process, without its start.

    `letter` is the HTML of the e-mail, a template of Django's.
    """

    users: int
    port: int
    letter: str

    def rate(self) -> float:
        made_ready(DATABASE, lambda: None)
        given = connection.settings_dict
        at = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}"
        environment = {
            "DATABASE_URL": f"postgres://{at}/{DATABASE}",
            "SMTP_PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "benchmarks.engine.drip_settings",
        }
        command = [sys.executable, "-m", "benchmarks.engine.drip_run", str(self.users)]
        told = subprocess.run(
            command, env=os.environ | environment, input=self.letter, stdout=subprocess.PIPE, text=True, check=True
        )
        return float(told.stdout.split()[-1])
