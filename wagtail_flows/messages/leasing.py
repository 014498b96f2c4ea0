"""Leasing: how workers share the queue without ever holding the same delivery."""

from __future__ import annotations

import uuid

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.lib import clock
from wagtail_flows.lib.db import skip_locked
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.rates.limits import rates_of
from wagtail_flows.messages.rates.taking import Purse, give_back, open_purse, wait_for_tomorrow


@dataclass(frozen=True, slots=True)
class Lease:
    """Some deliveries of one queue, for one worker until `lease_end` of when it was taken; every write names the
    token."""

    token: uuid.UUID
    channel: str
    stream: str
    deliveries: tuple[Delivery, ...]
    purse: Purse


def lease_end() -> datetime:
    """Until when a lease taken or renewed at this moment holds, by the machine's own clock."""
    return clock.real_now() + timedelta(seconds=conf.LEASE_SECONDS)


def lease(channel: str, stream: str, now: datetime) -> Lease | None:
    """Reserve the deliveries of a queue that are due longest, at most DELIVERY_BATCH_SIZE; None when there are none.

    The rows stay `queued`. Workers asking at the same moment get different ones. Their tokens are taken first; what
    there are none for isn't leased, and waits.
    """
    token = uuid.uuid4()
    rates = rates_of(channel, stream)
    with transaction.atomic(durable=True):
        purse = open_purse(rates, clock.now(), conf.DELIVERY_BATCH_SIZE)
        due = Delivery.objects.due(now).filter(channel=channel, stream=stream).order_by("due_at", "id")
        if purse.dry:
            due = due.exclude(domain__in=purse.dry)
        ids = purse.take(skip_locked(due).values_list("pk", "domain")[: purse.most]) if purse.most else []
        Delivery.objects.filter(pk__in=ids).update(lease_token=token, leased_until=lease_end())
        if purse.is_day_over:
            wait_for_tomorrow(rates, now)
    return Lease(token, channel, stream, _loaded(ids), purse) if ids else None


def _loaded(ids: Sequence[int]) -> tuple[Delivery, ...]:
    # Thousands of e-mails go to a few lists: each is made once, not once for each e-mail.
    lists = Prefetch("mailing_list", MailingList.objects.select_related("site"))
    rows = Delivery.objects.filter(pk__in=ids).select_related("contact").prefetch_related(lists)
    return tuple(rows.order_by("due_at", "id"))


def give_back_unused(lease: Lease, begun: Collection[Delivery]) -> None:
    """Give back the tokens of what wasn't handed over: held, skipped, or left for another batch."""
    known = {one.pk for one in begun}
    give_back(lease.purse, [one for one in lease.deliveries if one.pk not in known])


def release(lease: Lease) -> int:
    """Give back what of a lease is still waiting, so that nobody has to wait for its end."""
    ids = [one.pk for one in lease.deliveries]
    waiting = Delivery.objects.held_by(lease.token).filter(pk__in=ids, status=Delivery.Status.QUEUED)
    return waiting.update(lease_token=None, leased_until=None)
