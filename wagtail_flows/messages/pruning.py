"""Old deliveries go, but not those in doubt, nor those of somebody who is still inside a scenario.

That a step sends once is proved by the delivery of its visit: nobody who has left comes to that visit again.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from wagtail_flows.conf import conf
from wagtail_flows.lib import pruning
from wagtail_flows.lib.pruning import Prunable
from wagtail_flows.messages.delivery_models import Delivery


FINAL = (Delivery.Status.SENT, Delivery.Status.FAILED, Delivery.Status.SKIPPED)


def register() -> None:
    """Let them be pruned. Doing it again changes nothing."""
    rows = Delivery.objects.all
    pruning.register(Prunable("deliveries", lambda: conf.KEEP_DELIVERIES_DAYS, rows, "queued_at", deliveries))


def deliveries(rows: QuerySet[Delivery], cutoff: datetime) -> int:
    """Of these, delete those that ended before `cutoff`."""
    # By the columns' names: whose visit it is, is a matter of a room above.
    has_left = Q(visit=None) | Q(visit__enrollment__status="ended")
    old = rows.filter(has_left, status__in=FINAL, ended_at__lt=cutoff)
    _all, deleted = Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    return int(deleted.get(Delivery._meta.label, 0))
