"""A person settles a doubt: whether an e-mail whose hand-over was cut short did leave, or did not."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.messages import reasons
from wagtail_flows.messages.delivery_models import Delivery


SAID_SENT = "said_sent"
SAID_NOT_SENT = "said_not_sent"

reasons.register(SAID_SENT, _("Somebody looked and found that it was sent."))
reasons.register(SAID_NOT_SENT, _("Somebody looked and found that it wasn't sent."))


class NotUncertain(FlowsError):
    """There is no doubt about this e-mail any more: look at its state again."""


def settle(delivery: Delivery, *, was_sent: bool, now: datetime) -> None:
    """End the doubt. It is never sent again by this: what wasn't sent has failed. Raises NotUncertain."""
    status = Delivery.Status.SENT if was_sent else Delivery.Status.FAILED
    doubtful = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.UNCERTAIN)
    if not doubtful.update(status=status, reason=SAID_SENT if was_sent else SAID_NOT_SENT, ended_at=now):
        raise NotUncertain(_("There is no doubt about this e-mail any more."))
