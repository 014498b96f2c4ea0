"""What a storm is made of: how much mail, how many workers, and how much of everything that can go wrong."""

import random

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.smtp import DROP, HANG


# Where the server misbehaves, how, and how often in ten thousand times that it gets there.
BUSY = "451 4.3.0 busy"
GREYLISTED = "450 4.2.0 greylisted"
FAULTS: Mapping[tuple[str, str], int] = {
    ("connect", "421 4.7.0 too many connections"): 200,
    ("connect", DROP): 200,
    ("ehlo", DROP): 100,
    ("mail", BUSY): 30,
    ("mail", DROP): 20,
    ("rcpt", GREYLISTED): 100,
    ("rcpt", "550 5.1.1 no such user"): 60,
    ("rcpt", DROP): 20,
    ("rcpt", HANG): 3,
    ("data", BUSY): 30,
    ("data", "554 5.7.1 not wanted"): 20,
    ("data", DROP): 20,
    ("content", DROP): 20,
    ("content", HANG): 4,
    ("dot", BUSY): 40,
    ("dot", "552 5.3.4 too large"): 20,
    ("dot", DROP): 20,
    ("dot", HANG): 6,
}
# The points at which the content had begun to leave: a silence there leaves the worker in doubt.
IN_DOUBT = tuple((point, deed) for point in ("content", "dot") for deed in (DROP, HANG))
TEN_THOUSAND = 10_000


@dataclass(frozen=True)
class Plan:
    """One storm. `cuts` are of database connections, on PostgreSQL only. `patience` in seconds: then it is a failure.

    The seed fixes every draw: which fault comes at which turn, at which mail whom a kill or a cut hits. What the
    machine does between two draws it can't fix.
    """

    sends: int
    kills: int
    cuts: int
    patience: float
    workers: int = 4
    seed: int = 20
    faults: Mapping[tuple[str, str], int] = field(default_factory=lambda: FAULTS)
    settings: Mapping[str, int] = field(
        default_factory=lambda: {"EMAIL_TIMEOUT": 3, "LEASE_SECONDS": 6, "DELIVERY_BATCH_SIZE": 20}
    )

    def moments(self, count: int, salt: str) -> list[int]:
        """So many moments, each the number of mails begun at which something is to happen."""
        return sorted(random.Random(f"{self.seed} {salt}").choices(range(1, self.sends * 9 // 10), k=count))

    def deck(self, point: str) -> list[str | None]:
        """What the server does at this point at its first, second … turn: mostly nothing; each fault at least once."""
        turns = self.turns(point)
        faults = [
            deed for (where, deed), rate in self.faults.items() if where == point for _ in range(many(rate, turns))
        ]
        cards = [*faults, *[None] * (turns - len(faults))]
        random.Random(f"{self.seed} {point}").shuffle(cards)
        return cards

    def turns(self, point: str) -> int:
        """How often the server surely gets to this point: each mail passes the others, few open a connection."""
        return max(self.sends // 50, self.workers) if point in ("connect", "ehlo") else self.sends * 9 // 10


def many(rate: int, turns: int) -> int:
    return max(1, round(turns * rate / TEN_THOUSAND))


SHORT = Plan(sends=1_500, kills=8, cuts=6, patience=240)
LONG = Plan(sends=20_000, kills=60, cuts=40, patience=3_600)
