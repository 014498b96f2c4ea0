"""Whether anybody does the work: what is found about runners, the queue, and what should have been done by now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.engine import heartbeat
from wagtail_flows.lib import attention, clock
from wagtail_flows.lib.attention import Finding, Severity
from wagtail_flows.tasks import phases, queue_backend


# A healthy runner beats each minute; what falls due is done within a few.
PATIENCE = timedelta(minutes=5)
# So long nobody waits for a queue that moves, however long it is.
BROKEN_AFTER = timedelta(hours=1)

WORK = {
    "webhooks": gettext_lazy("Webhooks of shops wait to be applied."),
    "estimates": gettext_lazy("Parcels wait to be counted as delivered."),
    "events": gettext_lazy("Events wait to be matched."),
    "segments entered": gettext_lazy("Segments wait to be looked at for who has come in."),
    "dates": gettext_lazy("Dates wait to be looked at for whose day it is."),
    "pages published": gettext_lazy("People wait to be let in because a page was published."),
    "started by hand": gettext_lazy("People wait to be let in who were started by hand."),
    "published": gettext_lazy("What a publishing does with the people inside waits to be done."),
    "winners": gettext_lazy("Random splits wait for their winner to be looked for."),
    "enrollments": gettext_lazy("People inside scenarios wait to go on."),
    "deliveries": gettext_lazy("E-mails wait to be handed over."),
    "segments": gettext_lazy("Segments wait to be counted."),
}


def register() -> None:
    """Look for all of it. Doing it again changes nothing."""
    attention.register(not_working)
    attention.register(overdue)


def not_working(now: datetime) -> Iterator[Finding]:
    """No runner has worked lately; or one does, and nothing will wake it should it stop."""
    beat = heartbeat.last_beat()
    if beat is None or clock.real_now() - beat > PATIENCE:
        never, stopped = _("No runner has ever worked."), _("No runner works any more.")
        yield Finding("runner.none", Severity.BROKEN, stopped if beat else never, _how_to_start(), since=beat)
    if queue_backend() is not None and apps.is_installed("django_q") and not _is_scheduled():
        yield Finding(
            "runner.unscheduled",
            Severity.WARNING,
            _("The schedule of each minute is missing: a bell that is lost isn't made up for."),
            _("Run “manage.py migrate”, which makes it again."),
        )


def _how_to_start() -> str:
    if queue_backend() is None:
        return _("There is no queue: keep “manage.py flows_tick --forever” running, or install django-q2.")
    return _("Start “manage.py qcluster”, or look at the queue's processes and their log.")


def _is_scheduled() -> bool:
    found: bool = import_string("wagtail_flows.contrib.django_q2.schedule.is_scheduled")()
    return found


def overdue(now: datetime) -> Iterator[Finding]:
    """What should have been done by now, of each phase: one indexed question each."""
    for phase in phases():
        since = phase.waits_since(now)
        if since is None or now - since <= PATIENCE:
            continue
        yield Finding(
            f"overdue.{phase.name.replace(' ', '_')}",
            Severity.BROKEN if now - since > BROKEN_AFTER else Severity.WARNING,
            str(WORK.get(phase.name, phase.name)),
            _("If there is much at the moment, nothing. Else look at the log of the runner, which tells what fails."),
            since=since,
        )
