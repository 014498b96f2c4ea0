"""What people read about a delivery, wherever it is listed."""

from __future__ import annotations

from django.db.models import Model

from wagtail_flows.lib.admin_columns import BAD, BUSY, GOOD, QUIET, WARNING
from wagtail_flows.messages import reasons
from wagtail_flows.messages.channels import port
from wagtail_flows.messages.delivery_models import Delivery


Status = Delivery.Status
TONES = {
    Status.QUEUED: BUSY,
    Status.SENDING: BUSY,
    Status.SENT: GOOD,
    Status.FAILED: BAD,
    Status.SKIPPED: QUIET,
    Status.UNCERTAIN: WARNING,
}


def scenario_of(delivery: Delivery) -> Model | None:
    return delivery.visit.enrollment.scenario if delivery.visit else None


def channel_of(delivery: Delivery) -> str:
    return port.label(delivery.channel)


def reason_of(delivery: Delivery) -> str:
    return reasons.label(delivery.reason)


def kind_of(delivery: Delivery) -> str:
    """What it is, before anybody knows what it says."""
    return channel_of(delivery) if delivery.kind == Delivery.Kind.DISPATCH else str(delivery.get_kind_display())


def subject_of(delivery: Delivery) -> str:
    return delivery.rendered_subject or kind_of(delivery)
