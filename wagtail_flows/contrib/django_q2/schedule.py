"""The schedule of each minute: it repairs a lost bell and finds what falls due by itself."""

from __future__ import annotations

from typing import Any

from django.db import connections, router, transaction
from django_q.models import Schedule

from wagtail_flows.contrib.django_q2.backend import RUN
from wagtail_flows.engine.models import Heartbeat
from wagtail_flows.lib.db import locked


NAME = "wagtail_flows: tick each minute"
ARGUMENTS = "'wagtail_flows.tasks.answer_bell', [], {}"
OPTIONS = "{'q_options': {'ack_failure': True}}"


def ensure_schedule(*, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate: make the schedule if it isn't there; one row, whoever migrates at the same time.

    What the site's owner changed about it (the minutes, the cluster) stays. Does nothing on a database that doesn't
    hold django-q2's tables, or doesn't hold them yet.
    """
    if using != router.db_for_write(Schedule) or not _has_tables(using):
        return
    with transaction.atomic(using=using):
        # Schedule names aren't unique in the database, so whoever wants to add one waits for our own row first.
        Heartbeat.objects.using(using).bulk_create([Heartbeat(pk=1)], ignore_conflicts=True)
        list(locked(Heartbeat.objects.using(using).filter(pk=1)))
        ours = Schedule.objects.using(using).filter(name=NAME).order_by("pk")
        if not ours.exists():
            Schedule.objects.using(using).create(
                name=NAME, func=RUN, args=ARGUMENTS, kwargs=OPTIONS, schedule_type=Schedule.MINUTES, minutes=1
            )
        kept = ours.values_list("pk", flat=True).first()
        ours.exclude(pk=kept).delete()


def is_scheduled() -> bool:
    """Whether the schedule is there and not switched off."""
    return Schedule.objects.filter(name=NAME).exclude(repeats=0).exists()


def _has_tables(using: str) -> bool:
    there = connections[using].introspection.table_names()
    return Schedule._meta.db_table in there and Heartbeat._meta.db_table in there
