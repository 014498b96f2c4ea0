"""The moment for which somebody waits, kept while `due_at` says another: lateness counts from it."""

from __future__ import annotations

from django.db.models import Case, F, Q, Value, When

from wagtail_flows.engine.models import Enrollment


# Active at a step that has said until when; not one that failed and is tried again, or that an event has woken.
IS_WAITING = Q(status=Enrollment.Status.ACTIVE, attempts=0, woken_by__isnull=True, due_at__gt=F("step_entered_at"))


def promised() -> Case:
    """What is to be written to `kept_until`: the moment at which they were to go on; NULL for who waits for none."""
    return Case(
        When(kept_until__isnull=False, then=F("kept_until")),
        When(IS_WAITING, then=F("due_at")),
        default=Value(None),
    )
