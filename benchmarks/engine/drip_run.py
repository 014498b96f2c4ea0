"""`python -m benchmarks.engine.drip_run 1000`: send the drip on standard input to so many users; the last
word is e-mails a second.
"""

from __future__ import annotations

import sys
import time

import django


django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from drip.models import Drip, QuerySetRule, SentDrip  # noqa: E402


def run(users: int, letter: str) -> float:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE auth_user, drip_drip, drip_sentdrip, drip_querysetrule CASCADE")
    User.objects.bulk_create(
        [User(username=f"someone.{n}", email=f"someone.{n}@example.org", first_name="Zoe") for n in range(users)]
    )
    drip = Drip.objects.create(
        name="News", enabled=True, subject_template="News for {{ user.first_name }}", body_html_template=letter
    )
    QuerySetRule.objects.create(drip=drip, field_name="first_name", lookup_type="exact", field_value="Zoe")
    start = time.perf_counter()
    drip.drip.run()
    taken = time.perf_counter() - start
    if SentDrip.objects.count() != users:
        raise AssertionError(f"{SentDrip.objects.count()} of {users} drips were sent.")
    return users / taken


if __name__ == "__main__":
    print(run(int(sys.argv[1]), sys.stdin.read()))
