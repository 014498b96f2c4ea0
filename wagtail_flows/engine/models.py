"""Models of the engine room: who is inside (enrollments), and what sweeps, winners and the runner remember."""

from __future__ import annotations

from wagtail_flows.engine.enrollment_models import Enrollment, EnrollmentQuerySet, RefusedEntry, Visit
from wagtail_flows.engine.heartbeat_model import Heartbeat
from wagtail_flows.engine.sweep_models import DateSweep, PagePublication, SeenMember, SegmentSweep
from wagtail_flows.engine.winner_model import SplitWinner


__all__ = [
    "DateSweep",
    "Enrollment",
    "EnrollmentQuerySet",
    "Heartbeat",
    "PagePublication",
    "RefusedEntry",
    "SeenMember",
    "SegmentSweep",
    "SplitWinner",
    "Visit",
]
