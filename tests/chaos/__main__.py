"""`make chaos`: the long storm on PostgreSQL. Prints the summary; exit status 1 when a promise was broken."""

import argparse
import os
import sys

from dataclasses import replace

import django

from tests import doors
from tests.chaos.plan import LONG


def main() -> int:
    plan = _plan()
    url = doors.postgres()
    if url is None:
        print("No PostgreSQL server was found: DATABASE_URL names one.")
        return 1
    # The settings of the tests read it, and so do the workers.
    os.environ.update(DATABASE_URL=url, SMTP_PORT="1", DJANGO_SETTINGS_MODULE="tests.settings")
    django.setup()
    # Only now are there models to import.
    from tests.chaos import alone  # noqa: PLC0415

    print(f"{plan.sends} mails, {plan.workers} workers, seed {plan.seed} ...", flush=True)
    account = alone.storm_on_a_database_of_its_own(plan)
    print(account.table())
    violations = account.violations()
    print("\n".join(violations[:50]) if violations else "Every promise was kept.")
    return int(bool(violations))


def _plan():
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    for name in ("sends", "kills", "cuts", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(LONG, name))
    return replace(LONG, **vars(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
