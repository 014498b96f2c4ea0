"""What is found about deliveries that needs attention: doubtful ones, failed ones, those that no worker ends, a mail
server that doesn't answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Min
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_flows.lib import attention, clock
from wagtail_flows.lib.attention import Finding, Severity, count_some, in_words
from wagtail_flows.messages import reasons, reconciling, settling
from wagtail_flows.messages.channels import port
from wagtail_flows.messages.delivery_models import Delivery, Stream
from wagtail_flows.messages.orphans import orphaned_queues


Status = Delivery.Status

# Failures are told for so long; the listing keeps them.
LATELY = timedelta(days=1)
# What a single address is the reason of happens every day, and nothing can be mended here.
OF_ONE_ADDRESS = frozenset(
    {
        reasons.ADDRESS_REFUSED,
        reasons.ADDRESS_INVALID,
        reasons.ADDRESS_NOT_ASCII,
        reasons.MAILBOX_FULL,
        reasons.GAVE_UP,
        reasons.REFUSED,
        reconciling.SAID_NOT_SENT,
    }
)
# A lost lease is taken up by any runner within a minute or so.
LEASE_PATIENCE = timedelta(minutes=5)
# A server that can't be reached is seen in those that are due first.
LOOKED_AT = 50


def register() -> None:
    """Look for all of it. Doing it again changes nothing."""
    for finder in (uncertain, failed, abandoned, orphaned, unreachable):
        attention.register(finder)


def uncertain(now: datetime) -> Iterator[Finding]:
    rows = Delivery.objects.filter(status=Status.UNCERTAIN)
    count = count_some(rows)
    if not count:
        return
    text = ngettext(
        "Of %(count)s e-mail nobody knows whether it was sent.",
        "Of %(count)s e-mails nobody knows whether they were sent.",
        count,
    )
    yield Finding(
        "deliveries.uncertain",
        Severity.WARNING,
        text % {"count": in_words(count)},
        _("They are never sent again by themselves. Look into the log of the mail server, and say what you found."),
        count=count,
        since=rows.order_by("ended_at").values_list("ended_at", flat=True).first(),
        url=_listing(status=Status.UNCERTAIN),
        about=Delivery,
    )


def failed(now: datetime) -> Iterator[Finding]:
    """Those of the last day, by reason."""
    rows = Delivery.objects.filter(status=Status.FAILED, ended_at__gt=now - LATELY)
    for row in rows.order_by().values("reason").annotate(count=Count("*")).order_by("-count"):
        is_of_address = row["reason"] in OF_ONE_ADDRESS
        text = ngettext(
            "%(count)s e-mail failed since yesterday: %(reason)s",
            "%(count)s e-mails failed since yesterday: %(reason)s",
            row["count"],
        )
        yield Finding(
            "deliveries.failed",
            Severity.NOTE if is_of_address else Severity.WARNING,
            text % {"count": localize(row["count"]), "reason": reasons.label(row["reason"])},
            _("Nothing, as long as they are few: it is the addresses.")
            if is_of_address
            else _("Open one: its error says what to mend in the e-mail, the sender or the mail server."),
            count=row["count"],
            url=_listing(status=Status.FAILED, reason=row["reason"]),
            about=Delivery,
        )


def abandoned(now: datetime) -> Iterator[Finding]:
    """In the hands of a worker whose lease is long over, so that no runner has looked since."""
    lost = Delivery.objects.filter(status=Status.SENDING, leased_until__lte=clock.real_now() - LEASE_PATIENCE)
    since = lost.order_by("leased_until").values_list("leased_until", flat=True).first()
    if since is None:
        return
    count = count_some(lost)
    text = ngettext(
        "%(count)s e-mail was left behind by a worker that disappeared.",
        "%(count)s e-mails were left behind by workers that disappeared.",
        count,
    )
    yield Finding(
        "deliveries.abandoned",
        Severity.BROKEN,
        text % {"count": in_words(count)},
        _("The next runner that works takes them up: look whether one does."),
        count=count,
        since=since,
        url=_listing(status=Status.SENDING),
        about=Delivery,
    )


def orphaned(now: datetime) -> Iterator[Finding]:
    """Due on a channel whose package was removed: no runner ever looks at them."""
    for channel, stream in orphaned_queues():
        due = Delivery.objects.filter(status=Status.QUEUED, channel=channel, stream=stream, due_at__lte=now)
        since = due.order_by("due_at").values_list("due_at", flat=True).first()
        if since is None:
            continue
        count = count_some(due)
        text = ngettext(
            "%(count)s delivery waits for a channel that isn't installed: %(channel)s, %(stream)s.",
            "%(count)s deliveries wait for a channel that isn't installed: %(channel)s, %(stream)s.",
            count,
        )
        yield Finding(
            "deliveries.orphaned",
            Severity.WARNING,
            text % {"count": in_words(count), "channel": port.label(channel), "stream": stream.label},
            _("Install the package that brought it again, and they leave. Until then they wait, and none is lost."),
            count=count,
            since=since,
            url=_listing(status=Status.QUEUED, channel=channel, stream=stream),
            about=Delivery,
        )


def unreachable(now: datetime) -> Iterator[Finding]:
    """The server of a queue didn't answer when it was tried last: all that was due rests with one reason."""
    queues = [(channel, Stream(stream)) for channel in port.all_channels() for stream in channel.streams]
    for channel, stream in queues:
        soon = Delivery.objects.filter(
            status=Status.QUEUED, channel=channel.name, stream=stream, due_at__lte=now + settling.LONGEST_PAUSE
        ).order_by("due_at", "id")
        resting = Delivery.objects.filter(
            pk__in=list(soon.values_list("pk", flat=True)[:LOOKED_AT]), reason=reasons.SERVER_UNREACHABLE
        )
        told = resting.aggregate(count=Count("*"), since=Min("queued_at"), error=Max("error"))
        if not told["count"]:
            continue
        yield Finding(
            "deliveries.unreachable",
            Severity.BROKEN,
            _("The server can't be reached, or doesn't let us in (%(channel)s, %(stream)s): %(error)s")
            % {"channel": channel.label, "stream": stream.label, "error": told["error"][:200] or "–"},
            _("Look at the server, its address and password. Nothing is lost: all wait."),
            since=told["since"],
            url=_listing(status=Status.QUEUED, reason=reasons.SERVER_UNREACHABLE),
            about=Delivery,
        )


def _listing(**query: str) -> str:
    return f"{reverse('flows_deliveries:index')}?{urlencode(query)}"
