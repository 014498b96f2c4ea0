"""The gate of the site's limits: what is too late, quiet hours, the frequency cap.

Asked for a batch: one query for the limits, one for what its contacts were sent and wait for (only where a cap is
set). Asked again for one mail: what was found of the limits stands on the delivery; a cap locks the contact and looks
again, two queries, because another worker may have sent the last one allowed a moment ago. Without a cap it asks
nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine import frequency
from wagtail_flows.engine.frequency import Waiting
from wagtail_flows.engine.site_limits import Limits, limits_of
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.lib import clock
from wagtail_flows.lib.db import locked
from wagtail_flows.messages import gates, reasons
from wagtail_flows.messages.channels.port import reaches_contact
from wagtail_flows.messages.gates import Hold, Skip, Verdict
from wagtail_flows.messages.models import Delivery, Stream
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.windows import next_in_window


TOO_LATE = "too_late_to_send"
QUIET_HOURS = "quiet_hours"
FREQUENCY_CAP = "frequency_cap"
OUTRANKED = "outranked"

# What was handed over, or may have been, counts against a cap.
COUNTED = (Delivery.Status.SENDING, Delivery.Status.SENT, Delivery.Status.UNCERTAIN)
# How soon an e-mail that made way for a more important one is looked at again.
STEPS_BACK_FOR = timedelta(minutes=2)

# Contact, stream, channel: what shares one cap.
Mailbox = tuple[int, str, str]


@dataclass(slots=True)
class _Post:
    """What somebody was sent within a week, and what is due to them now."""

    sent: list[datetime] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


def register() -> None:
    """Put the gate at the hand-over. Doing it again changes nothing."""
    reasons.register(TOO_LATE, _("It could not leave in time, and isn’t worth sending any more."))
    reasons.register(QUIET_HOURS, _("Quiet hours, on the contact’s clock."))
    reasons.register(FREQUENCY_CAP, _("The contact has had as many e-mails as the site allows."))
    reasons.register(OUTRANKED, _("Another e-mail goes to this contact first."))
    gates.register(within_limits, locks=is_capped)


def within_limits(deliveries: Sequence[Delivery]) -> Mapping[int, Verdict]:
    """Hold back what mustn't go at this hour, or would be one too many, for as long as it is worth sending."""
    now = clock.now()
    reaching = [one for one in deliveries if reaches_contact(one.channel)]
    limits = limits_of(reaching)
    found = {one.pk: _by_time(one, limits[one.pk], now) for one in reaching}
    capped = [one for one in reaching if found[one.pk] is None and limits[one.pk].cap(one)]
    posts = _posts(capped, now)
    for one in capped:
        found[one.pk] = _by_cap(one, limits[one.pk], posts[_mailbox(one)], now)
    return {pk: verdict for pk, verdict in found.items() if verdict is not None}


def is_capped(one: Delivery) -> bool:
    """Whether what its contact was sent is to be looked at under a lock. No query after the batch was asked."""
    return reaches_contact(one.channel) and bool(limits_of([one])[one.pk].cap(one))


def _by_time(one: Delivery, limits: Limits, now: datetime) -> Verdict | None:
    if one.too_late_at is not None and now > one.too_late_at:
        return Skip(TOO_LATE)
    if limits.open_hours is None or one.stream != Stream.COMMERCIAL:
        return None
    opens = next_in_window(now, limits.open_hours, zone_named(one.contact.time_zone))
    return _rescheduled(one, limits, opens, QUIET_HOURS) if opens > now else None


def _by_cap(one: Delivery, limits: Limits, post: _Post, now: datetime) -> Verdict | None:
    cap = limits.cap(one)
    free = frequency.room(cap, post.sent, now)
    if free is None:
        return None
    if free == 0:
        return _rescheduled(one, limits, frequency.opens_at(cap, post.sent, now), FREQUENCY_CAP)
    before = frequency.goes_before(_waiting(one, _priority_in(one, post.waiting)), post.waiting)
    return _rescheduled(one, limits, now + STEPS_BACK_FOR, OUTRANKED) if before >= free else None


def _rescheduled(one: Delivery, limits: Limits, until: datetime, reason: str) -> Verdict:
    return Hold(until, reason) if until <= limits.last_moment(one) else Skip(reason)


def _posts(deliveries: Sequence[Delivery], now: datetime) -> dict[Mailbox, _Post]:
    """What each mailbox got and waits for. In the transaction that begins a mail its contact is locked first, so that
    two workers can't both send the last one allowed.
    """
    posts: dict[Mailbox, _Post] = defaultdict(_Post)
    if not deliveries:
        return posts
    people = {one.contact_id for one in deliveries}
    if connection.in_atomic_block:
        list(locked(Contact.objects.filter(pk__in=people).order_by("pk").only("pk")))
    # What a paused scenario has queued doesn't go now, so nothing need make way for it.
    is_going = Q(scenario=None) | Q(scenario__is_paused=False)
    sent = Q(status__in=COUNTED, sending_at__gt=now - frequency.WEEK)
    due = Q(is_going, status=Delivery.Status.QUEUED, due_at__lte=now)
    columns = ("pk", "contact_id", "stream", "channel", "status", "sending_at", "queued_at", "scenario__priority")
    rows = Delivery.objects.order_by().filter(
        sent | due, contact__in=people, channel__in={one.channel for one in deliveries}
    )
    for pk, contact, stream, channel, status, sending_at, queued_at, priority in rows.values_list(*columns):
        post = posts[contact, stream, channel]
        if status == Delivery.Status.QUEUED:
            post.waiting.append(Waiting(pk, priority or Scenario.Priority.NORMAL, queued_at))
        else:
            post.sent.append(sending_at)
    return posts


def _priority_in(one: Delivery, waiting: Sequence[Waiting]) -> int:
    """As the database has it; a delivery that isn't among what is due any more has the usual one."""
    return next((other.priority for other in waiting if other.pk == one.pk), int(Scenario.Priority.NORMAL))


def _waiting(one: Delivery, priority: int) -> Waiting:
    return Waiting(one.pk, priority, one.queued_at)


def _mailbox(one: Delivery) -> Mailbox:
    return one.contact_id, one.stream, one.channel
