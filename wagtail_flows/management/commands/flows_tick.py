"""flows_tick: ring the bell by hand, until nothing is due, or for ever."""

from __future__ import annotations

import logging
import signal
import threading
import time

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from wagtail_flows.conf import conf
from wagtail_flows.lib import clock
from wagtail_flows.tasks import Report, TickFailed, next_due, tick, work_round


# How often a runner without a queue looks for work; and how long one round goes on before it looks whether it must
# stop.
GLANCE_SECONDS = 1.0
ROUND_SECONDS = 5.0
WITHOUT_DATABASE_SECONDS = 5.0

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Do what is due: apply webhooks, match events, move enrollments, hand over e-mails. Without an option it works "
        "as one task of the queue does, for at most FLOWS_TICK_SECONDS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--until-idle", action="store_true", help="Work until nothing is due, however long it takes.")
        how.add_argument("--forever", action="store_true", help="Work until SIGTERM or Ctrl-C; needs no queue.")
        parser.add_argument(
            "--now",
            metavar="TIME",
            help="Pretend that it is this time (ISO 8601; in the site's zone). Needs FLOWS_ALLOW_CLOCK.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = _moment(options["now"]) if options["now"] else None
        if not options["forever"]:
            self._say(tick(now, until_idle=options["until_idle"]))
            return
        with nullcontext() if now is None else clock.moved(now), _told_to_stop() as stop:
            self.stdout.write("Working until SIGTERM or Ctrl-C.")
            self._work(stop)
            self.stdout.write("Stopped; nothing is left half done.")

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                pause = _round()
            except (OperationalError, InterfaceError):
                log.exception("The database is away; trying again.")
                pause = WITHOUT_DATABASE_SECONDS
            stop.wait(pause)

    def _say(self, report: Report) -> None:
        self.stdout.write(str(report))
        try:
            report.raise_failures()
        except TickFailed as failed:
            raise CommandError(f"Not everything went well: {failed}") from failed


def _round() -> float:
    """Do what is due; answers for how many seconds there is nothing to do."""
    report = Report()
    done = work_round(report, time.monotonic() + ROUND_SECONDS)
    return 0.0 if done and not report.failed else _pause()


def _pause() -> float:
    """Until the next thing falls due, at most one glance: events come in without telling this process."""
    due = next_due(clock.now())
    left = (due - clock.now()).total_seconds() if due is not None else GLANCE_SECONDS
    return min(GLANCE_SECONDS, left) if left > 0 else GLANCE_SECONDS


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event that SIGTERM or SIGINT sets, so that what is being done is finished first."""
    stop = threading.Event()

    def tell(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _moment(text: str) -> datetime:
    """The moment to pretend. Raises CommandError where that isn't allowed, or the text isn't one."""
    if not conf.ALLOW_CLOCK:
        raise CommandError("--now needs FLOWS_ALLOW_CLOCK = True. Never set it on a live site: mail would leave early.")
    try:
        moment = parse_datetime(text)
    except ValueError as wrong:
        raise CommandError(f"--now: {wrong}.") from wrong
    if moment is None:
        raise CommandError(f"--now must be a time such as 2026-05-04T10:00:00+02:00, not {text!r}.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
