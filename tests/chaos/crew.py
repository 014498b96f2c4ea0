"""The crew: the worker processes of one storm, seen from outside."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile

from pathlib import Path
from typing import Any

from tests.chaos.plan import Plan


ROOT = Path(__file__).resolve().parents[2]
# What PostgreSQL knows the workers' connections by.
NAME = "chaos"


class Crew:
    """Starts workers, kills them, and knows how each ended. `close` ends what is left."""

    def __init__(self, plan: Plan, database_url: str, smtp_port: int) -> None:
        self.living: list[int] = []
        self.codes: list[int] = []
        self._struck: set[int] = set()
        self._random = random.Random(f"{plan.seed} whom")
        self._words = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        told = {"DATABASE_URL": database_url, "SMTP_PORT": smtp_port, "PATIENCE": plan.patience, "PGAPPNAME": NAME}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.worker", json.dumps(dict(plan.settings))],
            cwd=ROOT,
            env={**os.environ, **{name: str(value) for name, value in told.items()}},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
        )

    @property
    def kills(self) -> int:
        """How many were really hit: they ended by the signal."""
        return self.codes.count(-signal.SIGKILL)

    @property
    def broken(self) -> int:
        """How many ended neither well nor by our hand."""
        return sum(code not in (0, -signal.SIGKILL) for code in self.codes)

    def start(self) -> None:
        self.living.append(self._told("start"))

    def kill_one(self) -> None:
        """SIGKILL to one of those that live and weren't struck yet; nobody waits for it."""
        victim = self._random.choice([pid for pid in self.living if pid not in self._struck])
        self._struck.add(victim)
        os.kill(victim, signal.SIGKILL)

    def look(self) -> None:
        """Note who has ended."""
        for pid, code in self._told("ended").items():
            self.living.remove(int(pid))
            self.codes.append(code)

    def words(self) -> str:
        """The last that the workers said on their standard error."""
        self._words.seek(0)
        return self._words.read()[-10_000:]

    def close(self) -> None:
        if self._parent.poll() is None:
            self.look()
        for pid in self.living:
            os.kill(pid, signal.SIGKILL)
        self._parent.stdin.close()
        self._parent.wait(timeout=30)
        self._parent.stdout.close()
        self._words.close()

    def _told(self, command: str) -> Any:
        self._parent.stdin.write(f"{command}\n")
        self._parent.stdin.flush()
        return json.loads(self._parent.stdout.readline())
