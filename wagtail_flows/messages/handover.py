"""Handing over one batch: at every moment at most one delivery is `sending`.

For each mail, in this order:

1. the line is open and answers (`Line.ready`);
2. ONE transaction writes how the mail before ended, asks whether a gate might object to this one, and writes that it is
   `sending` (where one might, a second transaction asks all of them and writes what they say);
3. the mail is handed over.

While the database is busy with 2., the mail after it is made.

So a worker killed at any point leaves at most one delivery in doubt, and each mail costs one commit. A database that
hangs up leaves none: what became of the mail in hand is written on the next connection, and what was begun on paper
only is taken back.
"""

from __future__ import annotations

import logging
import time

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction

from wagtail_flows.lib.looking_ahead import LookingAhead
from wagtail_flows.messages import gates, settling
from wagtail_flows.messages.channels.port import PATIENCE, Line, Ready, Spoiled
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.leasing import Lease, release
from wagtail_flows.messages.next_one import NOTHING, Before, Told, go_on
from wagtail_flows.messages.replies import Answer, Sent, TemporaryRefusal, Unavailable, Unknown


logger = logging.getLogger("wagtail_flows.messages")

# So long may one batch, once it is prepared, keep a worker from looking for more urgent mail.
SLICE_SECONDS = 5.0
# In seconds: so long a worker that knows how a mail ended waits, each time it can't write it, for a database that is
# away. A restart of PostgreSQL takes a few.
PAUSES = (0.0, 1.0, 3.0, 6.0)
WEIGHT: dict[type, int] = {Unknown: 5, TemporaryRefusal: 1}


@dataclass(slots=True)
class Trouble:
    """Counts bad answers in a row over the batches of one queue. `error` is set once the queue should rest; with
    `patience` None bad answers alone don't do that."""

    patience: int | None = PATIENCE
    points: int = 0
    error: str | None = None

    def note(self, answer: Answer) -> None:
        weight = WEIGHT.get(type(answer), 0)
        self.points = self.points + weight if weight else 0
        is_patient = self.patience is None or self.points < self.patience
        is_enough = isinstance(answer, Unavailable) or not is_patient
        if is_enough and not isinstance(answer, Sent):
            self.error = answer.error


@dataclass(slots=True)
class _Handed:
    """The one delivery in hand. Without an answer nobody knows how it ended: that one is left to `rescue`."""

    delivery: Delivery
    answer: Answer | None


@dataclass(slots=True)
class Handover:
    """Hands one lease over on one line, as `prepare` makes it. `run` may end early: at its deadline, in trouble, or
    because the lease was lost."""

    lease: Lease
    prepare: Callable[[Sequence[Delivery]], Iterable[Ready | Spoiled]]
    line: Line
    now: datetime
    trouble: Trouble
    ended: int = field(default=0, init=False)
    # What the mail system heard of, however it ended.
    begun: list[Delivery] = field(default_factory=list, init=False)
    _mails: LookingAhead[Ready | Spoiled] = field(default_factory=lambda: LookingAhead(()), init=False)
    _is_lost: bool = field(default=False, init=False)
    _in_hand: _Handed | None = field(default=None, init=False)
    # Begun in a transaction of which we haven't heard whether it was committed; certainly not handed over.
    _on_paper: Delivery | None = field(default=None, init=False)

    def run(self, until: float | None) -> int:
        """Hand over until done, or until its slice of time or `until` is over, and give the rest back.

        `until` is a moment of `time.monotonic()`. Answers how many deliveries ended.
        """
        try:
            self._mails = LookingAhead(self.prepare(self._screened()))
            self._mails.look()
            # The slice begins here: a batch that is slow to prepare must still get something done.
            ends = (until, time.monotonic() + SLICE_SECONDS)
            for one in self._mails:
                if self._is_lost or self.trouble.error is not None or any(map(is_over, ends)):
                    break
                self._take(one)
        finally:
            self._leave()
        return self.ended

    def _screened(self) -> list[Delivery]:
        """The batch without those that gates object to: found in sets, and not rendered for nothing."""
        verdicts = gates.screen(self.lease.deliveries)
        self.ended += settling.apply_verdicts(verdicts, self.lease.token, self.now)
        return [one for one in self.lease.deliveries if one.pk not in verdicts]

    def _take(self, one: Ready | Spoiled) -> None:
        if isinstance(one, Spoiled):
            self._give_up(one)
        elif self._is_line_ready() and self._begin(one):
            self.begun.append(one.delivery)
            handed = self._in_hand = _Handed(one.delivery, None)
            handed.answer = self.line.hand_over(one.mail)
            self.trouble.note(handed.answer)

    def _give_up(self, one: Spoiled) -> None:
        if isinstance(one.answer, Skip):
            self.ended += settling.apply_verdicts({one.delivery.pk: one.answer}, self.lease.token, self.now)
            return
        if isinstance(one.answer, Unavailable):
            self.trouble.note(one.answer)
        self._write(one.delivery, one.answer, was_begun=False)

    def _is_line_ready(self) -> bool:
        if self.line.is_fresh:
            return True
        # Opening can take long: how the mail before ended is written first.
        self._put_down()
        problem = self.line.ready()
        if problem is not None:
            self.trouble.note(problem)
        return problem is None

    def _begin(self, one: Ready) -> bool:
        """The one commit between two mails. False: a gate objects, or the lease was lost."""
        self._on_paper = one.delivery
        is_begun = self._begins_at_once(one) or (not self._is_lost and self._begins_step_by_step(one))
        self._in_hand = self._on_paper = None
        return is_begun

    def _begins_at_once(self, one: Ready) -> bool:
        """In one statement, when the mail before went well and no gate objects or has a doubt."""
        handed = self._in_hand
        answer = handed.answer if handed is not None else None
        if not isinstance(answer, Sent | None):
            return False
        before = Before(handed.delivery, answer.provider_id) if handed is not None and answer is not None else None
        with transaction.atomic(durable=True) if gates.takes_a_lock(one.delivery) else nullcontext():
            told = NOTHING if gates.is_objected_to(one.delivery) else self._go_on(before, one)
        if told is NOTHING:
            return False
        if before is not None and answer is not None:
            self._note_written(before.delivery, answer, Delivery.Status.SENT if told.is_settled else "")
            self._in_hand = None
        return told.is_begun

    def _go_on(self, before: Before | None, one: Ready) -> Told:
        return go_on(
            before,
            one.delivery,
            self.lease.token,
            self.now,
            subject=str(one.mail.subject),
            revision_id=one.revision_id,
            meanwhile=self._mails.look,
        )

    def _begins_step_by_step(self, one: Ready) -> bool:
        """With every gate asked, whose verdict is written."""
        with transaction.atomic(durable=True):
            self._settle_in_hand()
            return not self._is_objected_to(one.delivery) and self._is_written_down(one)

    def _is_objected_to(self, delivery: Delivery) -> bool:
        verdicts = gates.verdicts([delivery])
        self.ended += settling.apply_verdicts(verdicts, self.lease.token, self.now)
        return bool(verdicts)

    def _is_written_down(self, one: Ready) -> bool:
        subject = str(one.mail.subject)
        is_ours = settling.begin(one.delivery, self.lease.token, self.now, subject=subject, revision_id=one.revision_id)
        self._is_lost = self._is_lost or not is_ours
        return is_ours

    def _leave(self) -> None:
        """Write what is known, give the rest back; wait a little for a database that hung up while a mail went out."""
        for pause in PAUSES:
            try:
                return self._let_go()
            except (OperationalError, InterfaceError):
                connection.close()
                time.sleep(pause)
        return self._let_go()

    def _let_go(self) -> None:
        self._put_down()
        if self._on_paper is not None:
            settling.withdraw(self._on_paper, self.lease.token)
            self._on_paper = None
        release(self.lease)

    def _put_down(self) -> None:
        self._settle_in_hand()
        self._in_hand = None

    def _settle_in_hand(self) -> None:
        if self._in_hand is not None and self._in_hand.answer is not None:
            self._write(self._in_hand.delivery, self._in_hand.answer, was_begun=True)

    def _write(self, delivery: Delivery, answer: Answer, *, was_begun: bool) -> None:
        status = settling.settle(delivery, self.lease.token, answer, self.now, was_begun=was_begun)
        self._note_written(delivery, answer, status)

    def _note_written(self, delivery: Delivery, answer: Answer, status: str) -> None:
        self.ended += int(status not in ("", Delivery.Status.QUEUED))
        if not status:
            self._is_lost = True
            logger.warning("Delivery %s isn't this worker's any more, for which it ended with %s.", delivery.pk, answer)


def is_over(until: float | None) -> bool:
    """Whether a deadline (a moment of `time.monotonic()`, None for never) has passed."""
    return until is not None and time.monotonic() >= until
