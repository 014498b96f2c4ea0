"""Our answers beside those of the hand-written SQL: they must be the same, and come in nearly the same time."""

from __future__ import annotations

import random

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from benchmarks.databases import UNTIL, asked, opened, using
from benchmarks.measuring import Row, in_turns
from benchmarks.segments import QUESTIONS, Known, Question, known
from wagtail_flows.lib import clock
from wagtail_flows.segments.estimating import estimated
from wagtail_flows.segments.membership import matching, members
from wagtail_flows.segments.models import Segment


ALLOWED = 1.5
ALLOWED_GROWTH = 1.3
BATCH = 1_000
COUNT_ROUNDS = 3
BATCH_ROUNDS = 75

PARTS = COUNT, MATCHING, GROWTH = "count", "matching", "growth"


class NotTheSame(AssertionError):
    """Our query and the hand-written one don't mean the same: no time of theirs is worth comparing."""


@dataclass
class Asker:
    """One question, put both ways to the database that is connected."""

    question: Question
    known: Known
    segment: Segment = field(init=False)

    def __post_init__(self) -> None:
        self.segment = Segment(name=self.question.name, rule=self.question.rule(self.known))

    def count(self) -> int:
        return members(self.segment).count()

    def count_by_hand(self) -> int:
        statement = self.question.statement(of_a_batch=False)
        (number,) = self._rows(f"SELECT count(*) FROM ({statement}) AS answer")[0]
        return int(number)

    def matching(self, ids: Sequence[int]) -> set[int]:
        return matching(self.segment, ids)

    def matching_by_hand(self, ids: Sequence[int]) -> set[int]:
        statement = self.question.statement(of_a_batch=True)
        return {contact_id for (contact_id,) in self._rows(statement, ids)}

    def compare(self, ids: Sequence[int]) -> int:
        """How many are in; raises NotTheSame unless both ways find the very same people, once each."""
        ours = list(members(self.segment).values_list("pk", flat=True).order_by("pk"))
        theirs = sorted(contact_id for (contact_id,) in self._rows(self.question.statement(of_a_batch=False)))
        if ours != theirs:
            raise NotTheSame(f"{self.question.name}: {len(ours)} people by the rule, {len(theirs)} by hand.")
        if not self.matching(ids) == self.matching_by_hand(ids) == set(ours) & set(ids):
            raise NotTheSame(f"{self.question.name}: not the same people of the batch.")
        return len(ours)

    def _rows(self, statement: str, ids: Sequence[int] = ()) -> list[tuple[int]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self.known.parameters, "ids": list(ids)})
            return cursor.fetchall()


def measured(contacts: int, smaller: int, parts: Sequence[str], names: str = "") -> Iterator[Row]:
    """Every question whose name contains `names`; `smaller` is the size that growth is measured from."""
    questions = [question for question in QUESTIONS if names.casefold() in question.name.casefold()]
    with clock.moved(UNTIL):
        for question in questions:
            if COUNT in parts or MATCHING in parts:
                with asked(contacts):
                    yield from _beside_sql(question, contacts, parts)
            if GROWTH in parts:
                yield _grown(question, contacts, smaller)


def _beside_sql(question: Question, contacts: int, parts: Sequence[str]) -> Iterator[Row]:
    asker, ids = Asker(question, known(UNTIL)), batch(contacts)
    found = asker.compare(ids)
    if COUNT in parts:
        ours, rival = in_turns(asker.count, asker.count_by_hand, COUNT_ROUNDS)
        about = estimated(partial(matching, asker.segment))
        told = "unknown" if about is None else f"{about:,}"
        yield Row("count", question.name, ours, rival, ALLOWED, f"{found:,} people; the estimate would be {told}")
    if MATCHING in parts:
        ours, rival = in_turns(lambda: asker.matching(ids), lambda: asker.matching_by_hand(ids), BATCH_ROUNDS)
        yield Row(f"matching {BATCH:,}", question.name, ours, rival, ALLOWED)


def _grown(question: Question, contacts: int, smaller: int) -> Row:
    """A batch of ids from each of two databases, asked in turns; the note tells how the hand-written SQL grows."""
    with opened(contacts) as large, opened(smaller) as small:
        ours_large, hand_large = _asking(question, large, contacts)
        ours_small, hand_small = _asking(question, small, smaller)
        ours, rival = in_turns(ours_large, ours_small, BATCH_ROUNDS)
        by_hand, by_hand_small = in_turns(hand_large, hand_small, BATCH_ROUNDS)
    part = f"matching {BATCH:,}: {contacts:,} contacts beside {smaller:,}"
    return Row(part, question.name, ours, rival, ALLOWED_GROWTH, f"by hand: {by_hand / by_hand_small:.2f}")


def _asking(
    question: Question, database: BaseDatabaseWrapper, contacts: int
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Both ways of asking that database."""
    with using(database):
        asker, ids = Asker(question, known(UNTIL)), batch(contacts)

    def ask(way: Callable[[Sequence[int]], object]) -> None:
        with using(database):
            way(ids)

    return partial(ask, asker.matching), partial(ask, asker.matching_by_hand)


def batch(contacts: int) -> list[int]:
    """Contacts from everywhere; the same each time."""
    chance = random.Random(contacts)
    return sorted(chance.sample(range(1, contacts + 1), min(BATCH, contacts)))
