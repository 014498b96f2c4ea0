"""Applying a report: what the provider said becomes states, suppressions, leavings and events. Once, however often it
is told, and in any order."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from wagtail_flows.contacts.address import InvalidAddress, normalise
from wagtail_flows.contacts.models import Suppression
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.messages import reasons, reconciling
from wagtail_flows.messages.delivery_models import EMAIL, Delivery
from wagtail_flows.messages.feedback.engagements import record_engagement
from wagtail_flows.messages.feedback.leaving import leave
from wagtail_flows.messages.feedback.reports import Fate, Report


NOTES = {
    Fate.BOUNCED: reasons.CAME_BACK,
    Fate.COMPLAINED: reasons.COMPLAINED,
    Fate.REFUSED: reasons.PROVIDER_REFUSED,
}
# What a sent delivery says before anything is heard of it.
NOTHING_HEARD = ("", reconciling.SAID_SENT, reconciling.REPORTED_SENT)


def apply(report: Report, now: datetime) -> None:
    """Do what follows from a report; a delivery that isn't known changes nothing. One transaction.

    Whoever is named must be who the mail was sent to: what is said about a forwarded copy is nobody's doing here.
    """
    with transaction.atomic():
        known = Delivery.objects.select_related("contact", "mailing_list").filter(public_id=report.delivery).first()
        if known is None:
            return
        is_theirs = known.channel == EMAIL and report.recipient == _key(known)
        if is_theirs:
            _spare(known, report)
            if report.fate is Fate.LEFT:
                leave(known, report.at, now)
        if is_theirs or (known.channel == EMAIL and not report.recipient):
            record_engagement(known, report, now)
        # Last, so that a worker that is at this delivery waits for the end of the transaction only.
        if report.fate is not Fate.REFUSED:
            reconciling.hear_that_it_was_sent(known, now)
        elif is_theirs:
            _not_sent(known, report, now)
        if is_theirs:
            _take_note(known, report)


def _key(delivery: Delivery) -> str | None:
    try:
        return normalise(delivery.address)
    except InvalidAddress:
        return None


def _not_sent(delivery: Delivery, report: Report, now: datetime) -> None:
    """Of a delivery in doubt: the provider had it and didn't send it. The brake counts those whose address is dead."""
    reason = reasons.ADDRESS_REFUSED if report.is_dead else reasons.PROVIDER_REFUSED
    reconciling.end_doubt(delivery, was_sent=False, reason=reason, error=report.words, now=now)


def _take_note(delivery: Delivery, report: Report) -> None:
    """What became of a sent one stands beside its state: it was handed over, and stays sent. The first word counts."""
    note = NOTES.get(report.fate)
    if note is not None:
        sent = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.SENT, reason__in=NOTHING_HEARD)
        sent.update(reason=note, error=report.words)


def _spare(delivery: Delivery, report: Report) -> None:
    """Never write again to who complained, or to an address that nobody has."""
    if report.has_complained:
        suppress(delivery.address, Suppression.Scope.ALL, Suppression.Reason.COMPLAINED, note=report.words)
    elif report.is_dead:
        suppress(delivery.address, Suppression.Scope.ALL, Suppression.Reason.BOUNCED, note=report.words)
