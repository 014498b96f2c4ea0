"""What shops sent, as it came: once it is applied and old, it isn't needed any more. What it told stays."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.lib import pruning
from wagtail_flows.lib.pruning import Prunable
from wagtail_flows.shop.models import ReceivedWebhook


def register() -> None:
    """Let them be pruned. Doing it again changes nothing."""
    rows = ReceivedWebhook.objects.all
    pruning.register(Prunable("webhooks", lambda: conf.KEEP_WEBHOOKS_DAYS, rows, "received_at", webhooks))


def webhooks(rows: QuerySet[ReceivedWebhook], cutoff: datetime) -> int:
    """Of these, delete all but those that wait to be applied."""
    return int(rows.exclude(status=ReceivedWebhook.Status.RECEIVED).delete()[0])
