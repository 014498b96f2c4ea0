"""The account of a storm: what was done to it, what came of it, and what must not be."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.plan import IN_DOUBT, Plan
from wagtail_flows.contacts.models import Suppression
from wagtail_flows.messages.delivery_models import Delivery


ENDED = {"sent", "failed", "skipped", "uncertain"}


@dataclass(frozen=True)
class End:
    """How one delivery ended. `is_taken` says that the server may have it, whatever we believe."""

    message_id: str
    status: str
    reason: str
    error: str
    is_taken: bool
    is_suppressed: bool


@dataclass(frozen=True)
class Account:
    """All numbers of one storm, and its violations."""

    plan: Plan
    ends: tuple[End, ...]
    kills: int
    broken: int
    cuts: int
    dealt: Counter[tuple[str, str]]
    taken: Counter[str]
    refusals: frozenset[str]
    seconds: float
    words: str = ""

    @property
    def statuses(self) -> Counter[str]:
        return Counter(end.status for end in self.ends)

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in self.taken.values())

    @property
    def most_uncertain(self) -> int:
        """One for each kill, and one for each silence after the content had begun to leave."""
        return self.kills + sum(self.dealt[fault] for fault in IN_DOUBT)

    def violations(self) -> list[str]:
        """What was promised and not kept, each as a sentence; an empty list is the proof."""
        return [*self._of_the_whole(), *(f"{end.message_id}: {text}" for end in self.ends for text in self._of(end))]

    def _of_the_whole(self) -> Iterator[str]:
        if self.duplicates:
            yield f"The server took {self.duplicates} mails more than once."
        if set(self.taken) - {end.message_id for end in self.ends}:
            yield "The server took a mail that nobody knows of."
        if self.statuses["uncertain"] > self.most_uncertain:
            yield f"{self.statuses['uncertain']} are uncertain; no more than {self.most_uncertain} have an excuse."
        if len({end.error for end in self.ends if end.status == "failed"}) != self.statuses["failed"]:
            yield "Two failed by one refusal."
        if self.broken:
            yield f"{self.broken} workers broke:\n{self.words}"
        yield from self._of_the_storm()

    def _of_the_storm(self) -> Iterator[str]:
        """What was to be done to them and wasn't: a calm proves nothing."""
        if self.kills < self.plan.kills:
            yield f"Of {self.plan.kills} workers only {self.kills} were killed."
        if self.cuts < self.plan.cuts:
            yield f"{self.cuts} database connections were cut, fewer than the {self.plan.cuts} times that were planned."
        for point, deed in sorted(self.plan.faults.keys() - (+self.dealt).keys()):
            yield f"The server never dealt what was planned: {point}: {deed}."

    def _of(self, end: End) -> Iterator[str]:
        if end.status not in ENDED:
            yield f"left {end.status}."
        if end.status == "sent" and not end.is_taken:
            yield "believed to be sent, and lost."
        if end.status in ("failed", "skipped", "queued") and end.is_taken:
            yield f"{end.status}, and the server has it nevertheless."
        if end.status == "failed" and end.error not in self.refusals:
            yield f"failed without a refusal for good: {end.reason} {end.error}"
        if (end.status == "skipped") is not end.is_suppressed:
            yield f"{end.status}, and {'is' if end.is_suppressed else 'is not'} suppressed."

    def table(self) -> str:
        """The summary for people."""
        statuses = self.statuses
        rows = [
            ("deliveries", len(self.ends)),
            ("workers at a time", self.plan.workers),
            ("workers killed", self.kills),
            ("database connections cut", self.cuts),
            *((f"server: {point}: {deed}", self.dealt[point, deed]) for point, deed in sorted(self.dealt)),
            *((status, statuses[status]) for status in sorted(statuses)),
            ("most that may be uncertain", self.most_uncertain),
            ("Message-IDs taken twice", self.duplicates),
            ("seconds", round(self.seconds)),
        ]
        return "\n".join(f"{name:<52}{value:>8}" for name, value in rows)


def ends(taken: Counter[str]) -> tuple[End, ...]:
    """How every delivery in the database ended."""
    # An address that a refusal condemned was none before.
    before = Suppression.objects.exclude(reason=Suppression.Reason.BOUNCED)
    suppressed = set(before.values_list("key_hash", flat=True))
    rows = Delivery.objects.order_by("pk").values_list("public_id", "status", "reason", "error", "contact__key_hash")
    found = ((f"<{public_id}@example.org>", *rest, key) for public_id, *rest, key in rows)
    return tuple(End(name, *rest, name in taken, key in suppressed) for name, *rest, key in found)
