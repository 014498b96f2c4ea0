"""The storm: many mails, a few workers, and everything that can go wrong, until nothing is in the air.

The short form is a test; the long one is `make chaos`. Both are this.
"""

import random
import time

from dataclasses import dataclass, field, replace

from django.db import connection
from django.utils import timezone

from tests.chaos.account import Account, ends
from tests.chaos.crew import NAME, Crew
from tests.chaos.plan import Plan
from tests.chaos.server import ChaosServer
from tests.messages.deliveries import NOW, a_message
from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.models import Contact, Suppression
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.messages.queueing import NewDelivery, queue


GLANCE = 0.005
# After a kill or a cut is due, it comes within so many seconds: somewhere in the next few mails.
JITTER = 0.05


def storm(plan: Plan, database_url: str) -> Account:
    """Run it on the database of this process, which must be empty but for a site. Nothing is asserted here."""
    # What the database can't do isn't planned.
    plan = plan if connection.vendor == "postgresql" else replace(plan, cuts=0)
    queue_all(plan)
    server = ChaosServer(plan)
    server.start()
    crew = Crew(plan, database_url, server.port)
    try:
        return _Weather(plan, server, crew).run()
    finally:
        crew.close()
        server.stop()


def queue_all(plan: Plan) -> None:
    """Mails to as many people; every tenth transactional, every hundredth to somebody who has left since."""
    keys = [f"person{number}@example.org" for number in range(plan.sends)]
    people = Contact.objects.bulk_create(
        Contact(address=key, key=key, key_hash=key_hash(key), created_at=NOW) for key in keys
    )
    news, receipt = a_message(), a_message("Receipt", stream="transactional", basis="transaction")
    messages = [receipt if number % 10 == 5 else news for number in range(plan.sends)]
    now = timezone.now()
    queue([NewDelivery(one.pk, it.translation_key, due_at=now) for one, it in zip(people, messages, strict=True)])
    for one in people[::100]:
        suppress(one, "all", Suppression.Reason.COMPLAINED)


@dataclass
class _Weather:
    """Kills and cuts when their moment has come, and keeps as many workers alive as planned."""

    plan: Plan
    server: ChaosServer
    crew: Crew
    cuts: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.plan.seed} when")
        self._kills = self.plan.moments(self.plan.kills, "kills")
        self._cuts = self.plan.moments(self.plan.cuts, "cuts")

    def run(self) -> Account:
        began = time.monotonic()
        for _ in range(self.plan.workers):
            self.crew.start()
        while self.crew.living:
            time.sleep(GLANCE)
            self._strike()
            self.crew.look()
        return self._account(time.monotonic() - began)

    def _strike(self) -> None:
        if self._is_due(self._kills):
            self.crew.kill_one()
            self.crew.start()
        if self._is_due(self._cuts):
            self.cuts += cut(self._random.randint(1, self.plan.workers))

    def _is_due(self, moments: list[int]) -> bool:
        if not moments or self.server.begun < moments[0]:
            return False
        moments.pop(0)
        time.sleep(self._random.uniform(0, JITTER))
        return True

    def _account(self, seconds: float) -> Account:
        return Account(
            plan=self.plan,
            ends=ends(self.server.taken),
            kills=self.crew.kills,
            broken=self.crew.broken,
            cuts=self.cuts,
            dealt=self.server.dealt,
            taken=self.server.taken,
            refusals=frozenset(self.server.refusals),
            seconds=seconds,
            words=self.crew.words(),
        )


def cut(count: int) -> int:
    """End so many of the workers' connections from the database's side (PostgreSQL); how many there were to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE application_name = %s"
            " AND datname = current_database() ORDER BY random() LIMIT %s) AS chosen",
            [NAME, count],
        )
        return sum(is_ended for (is_ended,) in cursor.fetchall())
