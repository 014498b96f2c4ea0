"""What is found about shops that needs attention: webhooks that can't be read, are refused, or don't come any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Min, OuterRef, Subquery
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_flows.lib import attention
from wagtail_flows.lib.attention import Finding, Severity
from wagtail_flows.shop.models import ReceivedWebhook, Shop


Status = ReceivedWebhook.Status

# What was given up longer ago nobody will apply any more.
FAILED_LATELY = timedelta(days=30)
# Even a small shop tells something in a week: a product's order, a customer, a parcel.
SILENT_AFTER = timedelta(days=7)
REFUSED_LATELY = timedelta(days=1)


def register() -> None:
    """Look for all of it. Doing it again changes nothing."""
    for finder in (unreadable, refused, silent):
        attention.register(finder)


def unreadable(now: datetime) -> Iterator[Finding]:
    """Webhooks that were given up lately, by shop, with the newest reason."""
    rows = ReceivedWebhook.objects.filter(status=Status.FAILED, received_at__gt=now - FAILED_LATELY).order_by()
    for row in rows.values("shop_id", "shop__name").annotate(
        count=Count("*"), since=Min("received_at"), last=Max("pk")
    ):
        newest = ReceivedWebhook.objects.only("reason").get(pk=row["last"])
        text = ngettext(
            "%(count)s webhook of “%(shop)s” couldn't be applied: %(reason)s",
            "%(count)s webhooks of “%(shop)s” couldn't be applied, the newest: %(reason)s",
            row["count"],
        )
        told = {"count": localize(row["count"]), "shop": row["shop__name"], "reason": newest.get_reason_display()}
        yield Finding(
            "webhooks.failed",
            Severity.WARNING,
            text % told,
            _("Open one: once the reason is mended, apply it again."),
            count=row["count"],
            since=row["since"],
            url=_listing(status=Status.FAILED, shop=str(row["shop_id"])),
            about=ReceivedWebhook,
        )


def refused(now: datetime) -> Iterator[Finding]:
    for shop in Shop.objects.filter(last_refused_at__gt=now - REFUSED_LATELY).order_by("name"):
        yield Finding(
            "shops.refused",
            Severity.WARNING,
            _("Requests to “%(shop)s” were refused: they weren't signed as the shop signs.") % {"shop": shop},
            _("If the shop's webhooks don't arrive any more, check the connection; else somebody is trying."),
            count=shop.refused_count,
            url=_listing(status=Status.REFUSED, shop=str(shop.pk)),
            about=Shop,
        )


def silent(now: datetime) -> Iterator[Finding]:
    """Active shops of which nothing came for long, or never."""
    latest = ReceivedWebhook.objects.filter(shop=OuterRef("pk")).exclude(status=Status.REFUSED)
    told_at = Subquery(latest.order_by("-received_at").values("received_at")[:1])
    for shop in Shop.objects.filter(is_active=True).annotate(told_at=told_at).order_by("name"):
        since = shop.told_at or shop.created_at
        if now - since <= SILENT_AFTER:
            continue
        text = (
            _("“%(shop)s” has told nothing for more than a week.")
            if shop.told_at
            else _("“%(shop)s” never told anything.")
        )
        yield Finding(
            "shops.silent",
            Severity.WARNING,
            text % {"shop": shop},
            _("Look whether its webhooks are still switched on, or mark the shop as not active."),
            since=since,
            url=reverse("flows_shops:inspect", args=[shop.pk]),
            about=Shop,
        )


def _listing(**query: str) -> str:
    return f"{reverse('flows_webhooks:index')}?{urlencode(query)}"
