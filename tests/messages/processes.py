"""Starting workers as real processes on the test's database and mail server."""

import os
import subprocess
import sys

from pathlib import Path

from tests.smtp import RudeServer


ROOT = Path(__file__).resolve().parents[2]


class Workers:
    """Worker processes of one test; `stop` ends those that still live."""

    def __init__(self, database_url: str, server: RudeServer) -> None:
        self._environment = {**os.environ, "DATABASE_URL": database_url, "SMTP_PORT": str(server.port)}
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, **settings: int) -> subprocess.Popen[bytes]:
        told = {name: str(value) for name, value in settings.items()}
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.messages.worker"],
            cwd=ROOT,
            env=self._environment | told,
            stderr=subprocess.PIPE,
        )
        self._started.append(worker)
        return worker

    @staticmethod
    def finished(worker: subprocess.Popen[bytes]) -> None:
        """Wait until the worker has nothing left to do; fail with its last words if it broke."""
        _out, words = worker.communicate(timeout=120)
        assert worker.returncode == 0, words.decode()

    def stop(self) -> None:
        for worker in self._started:
            worker.kill()
            worker.communicate()
