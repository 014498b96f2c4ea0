"""Settling a doubt: whether an e-mail whose hand-over was cut short did leave, or did not. A person says so, or the
provider reports it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.messages import reasons
from wagtail_flows.messages.delivery_models import Delivery


Status = Delivery.Status

SAID_SENT = "said_sent"
SAID_NOT_SENT = "said_not_sent"
REPORTED_SENT = "reported_sent"

reasons.register(SAID_SENT, _("Somebody looked and found that it was sent."))
reasons.register(SAID_NOT_SENT, _("Somebody looked and found that it wasn't sent."))
reasons.register(REPORTED_SENT, _("The provider reported that it was sent."))


class NotUncertain(FlowsError):
    """There is no doubt about this e-mail any more: look at its state again."""


def settle(delivery: Delivery, *, was_sent: bool, now: datetime) -> None:
    """A person ends the doubt. Raises NotUncertain."""
    if not end_doubt(delivery, was_sent=was_sent, reason=SAID_SENT if was_sent else SAID_NOT_SENT, now=now):
        raise NotUncertain(_("There is no doubt about this e-mail any more."))


def end_doubt(delivery: Delivery, *, was_sent: bool, reason: str, now: datetime, error: str = "") -> bool:
    """uncertain → sent or failed; it is never sent again by this: what wasn't sent has failed. False when there is no
    doubt about it, and nothing was written.

    A worker that was given up and lives after all, and says later how it ended, finds that this was said first.
    """
    status = Status.SENT if was_sent else Status.FAILED
    values = {"status": status, "reason": reason, "ended_at": now} | ({"error": error} if error else {})
    return bool(Delivery.objects.filter(pk=delivery.pk, status=Status.UNCERTAIN).update(**values))


def hear_that_it_was_sent(delivery: Delivery, now: datetime) -> None:
    """The provider has it: uncertain → sent.

    One that is being handed over stays in its worker's hands, and only its reason is written: if the worker never
    learns how it ended, this is how (see `settling.settle`, `deliver.rescue`). A provider that is too slow to answer
    may have delivered it meanwhile, and said so.
    """
    in_doubt = Q(status=Status.UNCERTAIN)
    heard = Delivery.objects.filter(pk=delivery.pk, status__in=(Status.UNCERTAIN, Status.SENDING))
    # One statement: a lease may end at this moment.
    heard.update(
        status=Case(When(in_doubt, then=Value(Status.SENT)), default=F("status")),
        ended_at=Case(When(in_doubt, then=Value(now)), default=F("ended_at")),
        reason=REPORTED_SENT,
    )
