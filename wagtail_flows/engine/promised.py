"""The moment for which somebody waits, kept while `due_at` says another: lateness counts from it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from wagtail_flows.engine.models import Enrollment


# Active at a step that has said until when; not one that failed and is tried again, or that an event has woken.
IS_WAITING = Q(status=Enrollment.Status.ACTIVE, attempts=0, woken_by__isnull=True, due_at__gt=F("step_entered_at"))
# What is kept for whoever must be asked anew until when they wait: they are due, and that is no promise.
NOTHING = datetime(1970, 1, 1, tzinfo=UTC)


def promised() -> Case:
    """What is to be written to `kept_until`: the moment at which they were to go on; NULL for who waits for none."""
    return Case(
        When(kept_until__isnull=False, then=F("kept_until")),
        When(IS_WAITING, then=F("due_at")),
        default=Value(None),
    )


def promised_or_nothing() -> Coalesce:
    """The same of who is made due by something else than their own moment."""
    return Coalesce(F("kept_until"), Value(NOTHING))
