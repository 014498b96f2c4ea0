"""Opens and clicks: recorded as events, where segments, winners, usual hours and scenarios look for them."""

from __future__ import annotations

from datetime import datetime

from wagtail_flows.events.happening_kinds import CLICKED, OPENED
from wagtail_flows.events.recording import NewEvent, record
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.feedback.readers import clicked_by, opened_by
from wagtail_flows.messages.feedback.reports import Fate, Report


SOURCE = "anymail"


def record_engagement(delivery: Delivery, report: Report, now: datetime) -> None:
    """Record what a report of an open or a click says; others record nothing."""
    at = _moment(delivery, report, now)
    told = {"message": str(delivery.message_key or "")}
    if report.fate is Fate.OPENED:
        kind, told["by"] = OPENED, opened_by(report.agent, report.is_machine).value
    elif report.fate is Fate.CLICKED:
        after = at - delivery.sending_at if delivery.sending_at is not None else None
        kind, told["link"] = CLICKED, report.link
        told["by"] = clicked_by(report.agent, report.is_machine, after).value
    else:
        return
    key, subject = _same(delivery, report), _subject(delivery)
    record(NewEvent(kind, delivery.contact_id, SOURCE, key, subject=subject, data=told, occurred_at=at))


def _moment(delivery: Delivery, report: Report, now: datetime) -> datetime:
    """When it happened: not before the hand-over and not in the future, whatever the provider's clock says."""
    at = report.at or now
    return min(max(at, delivery.sending_at or at), now)


def _same(delivery: Delivery, report: Report) -> str:
    """What makes it the same event, told again."""
    if report.event_id:
        return f"{delivery.public_id}:{report.event_id}"
    return f"{delivery.public_id}:{report.at.isoformat() if report.at else ''}:{report.link}"


def _subject(delivery: Delivery) -> str:
    """What the e-mail was about, for who waits for an event about the same order. By the columns' names: enrollments
    are a matter of a room above.
    """
    about = Delivery.objects.filter(pk=delivery.pk).values_list("visit__enrollment__subject", flat=True)
    return about.first() or ""
