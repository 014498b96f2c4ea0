"""`make test`: run the suite on every database that this machine has, and say plainly what was left out.

Arguments go to pytest (`python -m tests -k webhook`). The databases are tested at the same time, one process each. Exit
status: pytest's own of the first that failed; 3 when CI=true and something would have been left out.
"""

import os
import subprocess
import sys
import tempfile

from tests import doors


def main(arguments: list[str]) -> int:
    postgres, redis_url, browser = doors.postgres(), doors.redis_server(), doors.chromium()
    if _left_out({"PostgreSQL": postgres, "Redis": redis_url, "Chromium": browser}) and os.environ.get("CI") == "true":
        print("CI=true: leaving anything out is a failure.")
        return 3
    environment = {**os.environ, "REDIS_URL": redis_url or "", "CHROMIUM": browser or ""}
    beside = _start_beside(arguments, {**environment, "DATABASE_URL": postgres}) if postgres else None
    print("== The suite on SQLite ==", flush=True)
    on_sqlite = _pytest(arguments, {**environment, "DATABASE_URL": ""}).wait()
    on_postgres = beside() if beside else 0
    return on_sqlite or on_postgres


def _left_out(found: dict[str, str | None]) -> list[str]:
    missing = [name for name, value in found.items() if not value]
    for name, value in found.items():
        print(f"{name}: {value or 'NOT FOUND; tests that need it are LEFT OUT'}")
    print("Nothing is left out." if not missing else f"LEFT OUT: {', '.join(missing)}.", flush=True)
    return missing


def _start_beside(arguments, environment):
    """Start the suite on PostgreSQL with its output kept; the function returned waits for it and prints that output."""
    output = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed by whoever waits)
    # One browser is enough, and it is driven by the run on SQLite.
    process = _pytest([*arguments, "-m", "not browser and not once"], environment, output)

    def wait() -> int:
        status = process.wait()
        output.seek(0)
        print("\n== The suite on PostgreSQL ==")
        print(output.read(), end="", flush=True)
        output.close()
        return status

    return wait


def _pytest(arguments, environment, output=None):
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT if output else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
