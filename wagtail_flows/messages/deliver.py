"""Deliver: hand over what is due, rescue what a lost worker left behind, say when there is something to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.lib import clock
from wagtail_flows.lib.collecting import without_collecting
from wagtail_flows.messages import gates, reasons, settling
from wagtail_flows.messages.channels import port
from wagtail_flows.messages.channels.port import Channel, Line
from wagtail_flows.messages.delivery_models import EMAIL, Delivery, Stream
from wagtail_flows.messages.handover import Handover, Trouble, is_over
from wagtail_flows.messages.leasing import Lease, give_back_unused, lease
from wagtail_flows.messages.rates.taking import next_moment
from wagtail_flows.messages.reconciling import REPORTED_SENT


# The order of streams: someone stands in front of a form and waits for a transactional mail.
STREAMS = (Stream.TRANSACTIONAL, Stream.COMMERCIAL)


def deliver(now: datetime, *, until: float | None = None) -> int:
    """Hand over what is due at `now` until none is left, or until the deadline `until` (a moment of
    `time.monotonic()`).

    Transactional mail goes first, also before the rest of a long commercial batch; the other queues take turns. A queue
    whose server is in trouble rests, with all that is due in it, and costs no mail an attempt. Answers how many
    deliveries ended. Not to be called inside a transaction.
    """
    with closing(_Run(now)) as run:
        while not is_over(until):
            with without_collecting():
                is_any = run.one_batch(until)
            if not is_any:
                break
        return run.ended


def rescue(now: datetime) -> int:
    """Give up for uncertain what was being handed over by a worker whose lease has ended; what may be repeated waits
    for its next attempt instead, and what the provider has reported is sent. Answers how many.
    """
    lost = Delivery.objects.filter(status=Delivery.Status.SENDING, leased_until__lte=clock.real_now())
    known = lost.filter(reason=REPORTED_SENT).update(**settling.reported_sent(now))
    again = lost.filter(is_repeatable=True, attempts__lt=conf.MAX_ATTEMPTS)
    returned = again.update(**settling.returned_by_rescue(now))
    return known + returned + lost.update(status=Delivery.Status.UNCERTAIN, reason=reasons.WORKER_LOST, ended_at=now)


def next_due(now: datetime) -> datetime | None:
    """When the next delivery falls due that nobody holds (perhaps before `now`), or else there is a token for it; None
    when none waits.
    """
    waiting = Delivery.objects.waiting()
    firsts = (next_moment(channel.name, stream, _of(waiting, channel, stream)) for channel, stream in queues())
    return min(filter(None, firsts), default=None)


def queues() -> Iterator[tuple[Channel, str]]:
    """Each channel × stream, transactional ones first."""
    yield from ((one, stream) for stream in STREAMS for one in port.all_channels() if stream in one.streams)


def _of(rows: QuerySet[Delivery], channel: Channel, stream: str) -> QuerySet[Delivery]:
    return rows.filter(channel=channel.name, stream=stream)


@dataclass(slots=True)
class _Queue:
    """The deliveries of one channel in one stream, with the line that they leave by."""

    channel: Channel
    stream: str
    line: Line
    trouble: Trouble

    @property
    def is_urgent(self) -> bool:
        return self.channel.name == EMAIL and self.stream == Stream.TRANSACTIONAL

    def leased(self, now: datetime) -> Lease | None:
        """A batch; None when there is none, or when the queue rests."""
        if self.trouble.error is not None or not self._is_worth_asking(now):
            return None
        return lease(self.channel.name, self.stream, now)

    def _is_worth_asking(self, now: datetime) -> bool:
        """Leasing takes a transaction, on SQLite the only one there is; most sites use few channels beside e-mail."""
        return self.channel.name == EMAIL or _of(Delivery.objects.due(now), self.channel, self.stream).exists()

    def rest(self, oldest: Delivery, now: datetime) -> None:
        """Leave all of it alone for a while, if it is in trouble."""
        if self.trouble.error is not None:
            later = now + settling.pause(oldest, now)
            settling.postpone(self.channel.name, self.stream, now, later, self.trouble.error)


class _Run:
    """One call of `deliver`: a line for each queue, opened when it is needed."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.ended = 0
        self._queues = [_Queue(one, stream, one.line(stream), Trouble(one.patience)) for one, stream in queues()]

    def one_batch(self, until: float | None) -> bool:
        """Hand over one batch of the first queue that has any and isn't resting; False when there is none."""
        for queue in self._queues:
            found = queue.leased(self.now)
            if found is not None:
                handover = Handover(found, queue.channel.prepare, queue.line, self.now, queue.trouble)
                self.ended += handover.run(until)
                give_back_unused(found, handover.begun)
                gates.tell_begun(handover.begun)
                queue.rest(found.deliveries[0], self.now)
                self._let_others_go_first(queue)
                return True
        return False

    def _let_others_go_first(self, queue: _Queue) -> None:
        if not queue.is_urgent:
            self._queues.remove(queue)
            self._queues.append(queue)

    def close(self) -> None:
        for queue in self._queues:
            queue.line.close()
