"""Deliver: hand over what is due, rescue what a lost worker left behind, say when there is something to do next."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from wagtail_flows.lib import clock
from wagtail_flows.messages import reasons, settling
from wagtail_flows.messages.delivery_models import Delivery, Stream
from wagtail_flows.messages.handover import Handover, Trouble, is_over
from wagtail_flows.messages.leasing import lease
from wagtail_flows.messages.transport import Line


# The order of streams: someone stands in front of a form and waits for a transactional mail.
STREAMS = (Stream.TRANSACTIONAL, Stream.COMMERCIAL)


def deliver(now: datetime, *, until: float | None = None) -> int:
    """Hand over what is due at `now` until none is left, or until the deadline `until` (a moment of
    `time.monotonic()`).

    Transactional mail goes first, also before the rest of a long commercial batch. A stream whose server is in trouble
    rests, with all that is due in it, and costs no mail an attempt. Answers how many deliveries ended. Not to be called
    inside a transaction.
    """
    with closing(_Run(now)) as run:
        while not is_over(until):
            if not run.one_batch(until):
                break
        return run.ended


def rescue(now: datetime) -> int:
    """Give up for uncertain what was being handed over by a worker whose lease has ended. Answers how many."""
    lost = Delivery.objects.filter(status=Delivery.Status.SENDING, leased_until__lte=clock.real_now())
    return lost.update(status=Delivery.Status.UNCERTAIN, reason=reasons.WORKER_LOST, ended_at=now)


def next_due(now: datetime) -> datetime | None:
    """When the next delivery falls due that nobody holds (perhaps before `now`); None when none waits."""
    waiting = Delivery.objects.waiting().filter(channel="email")
    firsts = (
        waiting.filter(stream=stream).order_by("due_at").values_list("due_at", flat=True).first() for stream in STREAMS
    )
    return min(filter(None, firsts), default=None)


class _Run:
    """One call of `deliver`: a line for each stream, opened when it is needed."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.ended = 0
        self._lines = {stream: Line(stream) for stream in STREAMS}
        self._troubles = {stream: Trouble() for stream in STREAMS}

    def one_batch(self, until: float | None) -> bool:
        """Hand over one batch of the most urgent stream that isn't resting; False when there is none."""
        for stream, line in self._lines.items():
            trouble = self._troubles[stream]
            found = lease(stream, self.now) if trouble.error is None else None
            if found is not None:
                self.ended += Handover(found, line, self.now, trouble).run(until)
                self._rest(stream, found.deliveries[0], trouble)
                return True
        return False

    def close(self) -> None:
        for line in self._lines.values():
            line.close()

    def _rest(self, stream: str, oldest: Delivery, trouble: Trouble) -> None:
        if trouble.error is not None:
            settling.postpone(stream, self.now, self.now + settling.pause(oldest, self.now), trouble.error)
