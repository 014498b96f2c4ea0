"""The rude mail server with a deck of faults, which remembers which Message-IDs it may have taken."""

import itertools

from collections import Counter

from tests.chaos.plan import Plan
from tests.smtp import Mail, RudeServer


class ChaosServer(RudeServer):
    """Each reply of the 5xx kind bears a number of its own, so that whoever failed can show which refusal was theirs.

    `taken` counts, by Message-ID, the mails that were read to their end and not refused: those a real server would have
    delivered.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()
        self.refusals: set[str] = set()
        self.begun = 0
        self._numbers = itertools.count(1)
        for point in {point for point, _deed in plan.faults}:
            self._plans[point].extend(plan.deck(point))

    def planned(self, point: str) -> str:
        deed = super().planned(point)
        with self._lock:
            self.begun += point == "mail"
            if not deed.startswith("5"):
                return deed
            refusal = f"{deed} ({next(self._numbers)})"
            self.refusals.add(refusal)
            return refusal

    def keep(self, mail: Mail) -> None:
        if not mail.answer.startswith(("4", "5")):
            with self._lock:
                self.taken[str(mail.message["Message-ID"])] += 1

    def heard(self, line: str) -> None:
        """Twenty thousand conversations are not worth remembering."""
