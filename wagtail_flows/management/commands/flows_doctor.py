"""flows_doctor: say what isn't well, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from wagtail_flows.engine import advancing, enrolling, heartbeat
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.messages import deliver
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.tasks import queue_backend


# A healthy runner beats each minute; what falls due is done within a few.
PATIENCE = timedelta(minutes=5)


class Command(BaseCommand):
    help = "Look for what isn't well: no runner, work overdue, people or e-mails in doubt. Exits with 1 if so."

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        for finding in _news(now):
            self.stdout.write(f"- {finding}")
        ailments = list(_ailments(now))
        for ailment in ailments:
            self.stdout.write(self.style.ERROR(f"! {ailment}"))
        if ailments:
            raise CommandError(f"{len(ailments)} thing(s) to look at.")
        self.stdout.write(self.style.SUCCESS("All is well."))


def _news(now: datetime) -> Iterator[str]:
    """What is worth knowing, but not wrong."""
    inside = Enrollment.objects.inside().count()
    waiting = Delivery.objects.filter(status=Delivery.Status.QUEUED).count()
    yield f"{inside} people are inside scenarios; {waiting} e-mails are queued."
    for name in Scenario.objects.filter(is_paused=True).values_list("name", flat=True):
        yield f"The scenario “{name}” is paused."


def _ailments(now: datetime) -> Iterator[str]:
    yield from _runner()
    yield from _overdue(now)
    yield from _in_doubt()


def _runner() -> Iterator[str]:
    beat = heartbeat.last_beat()
    if beat is None:
        yield "No runner has ever worked: start `manage.py qcluster`, or `manage.py flows_tick --forever`."
    elif clock.real_now() - beat > PATIENCE:
        yield f"No runner has worked since {beat:%Y-%m-%d %H:%M} UTC: look at the queue's processes and their log."
    if queue_backend() is None:
        yield "There is no queue: install django-q2, or keep `manage.py flows_tick --forever` running."
    elif apps.is_installed("django_q") and not _is_scheduled():
        yield "The schedule of each minute is missing: run `manage.py migrate`."


def _is_scheduled() -> bool:
    found: bool = import_string("wagtail_flows.contrib.django_q2.schedule.is_scheduled")()
    return found


def _overdue(now: datetime) -> Iterator[str]:
    waiting = {
        "events": enrolling.overdue_since(now),
        "enrollments": advancing.next_due(now),
        "e-mails": deliver.next_due(now),
    }
    for what, since in waiting.items():
        if since is not None and now - since > PATIENCE:
            yield f"Some {what} have waited since {since:%Y-%m-%d %H:%M} UTC: look at the log of the runner."


def _in_doubt() -> Iterator[str]:
    uncertain = Delivery.objects.filter(status=Delivery.Status.UNCERTAIN).count()
    if uncertain:
        yield f"{uncertain} e-mails are uncertain: decide among the deliveries whether they were sent."
    parked = Enrollment.objects.filter(status=Enrollment.Status.PARKED).count()
    if parked:
        yield f"{parked} enrollments need attention: each tells its error."
