"""Repairing what no runner would find again.

Nothing is leased for advancing, so a crash leaves nothing behind. What remains is an active enrollment without a due
time: no step leaves one, but a data migration, a restored backup or a hand in the database may.
"""

from __future__ import annotations

import logging

from datetime import datetime

from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.promised import promised_or_nothing


log = logging.getLogger(__name__)


def rescue(now: datetime, until: float | None = None) -> int:
    """Make active enrollments without a due time due at once. How many there were."""
    found = Enrollment.objects.active().filter(due_at__isnull=True)
    if not found.exists():
        return 0
    rescued = found.update(due_at=now, kept_until=promised_or_nothing())
    log.warning("%d enrollments were active without a due time and are due now.", rescued)
    return rescued


def next_due(now: datetime) -> datetime | None:
    """`now` when somebody must be rescued."""
    return now if Enrollment.objects.active().filter(due_at__isnull=True).exists() else None
