"""ReceivedWebhook: what a shop told us, as it came."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from wagtail_flows.shop.reasons import shown
from wagtail_flows.shop.shop_model import Shop


class ReceivedWebhook(models.Model):
    """One request as it came. UNIQUE (shop, digest): a retry finds its first copy.

    A refused one keeps hash and size, never the body, and is unique among the refused only: it must not stand in the
    way of the same body with a good signature.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        APPLIED = "applied", _("applied")
        IGNORED = "ignored", _("ignored")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="webhooks", verbose_name=_("shop"))
    event = models.CharField(_("event"), max_length=80, blank=True)
    digest = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("size"))
    body = models.BinaryField(default=b"", editable=False)
    headers = models.JSONField(_("headers"), default=dict)
    signature = models.CharField(_("signature"), max_length=12, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RECEIVED)
    reason = models.CharField(_("reason"), max_length=250, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    repeats = models.PositiveIntegerField(_("repeats"), default=0)
    received_at = models.DateTimeField(_("received at"))
    due_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(_("applied at"), null=True)

    class Meta:
        verbose_name = _("received webhook")
        verbose_name_plural = _("received webhooks")
        ordering = ("-received_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["shop", "digest"], name="flows_webhook_unique", condition=~models.Q(status="refused")
            ),
            models.UniqueConstraint(
                fields=["shop", "digest"], name="flows_webhook_refused_unique", condition=models.Q(status="refused")
            ),
        )
        indexes = (
            models.Index(fields=["due_at", "id"], name="flows_webhook_due", condition=models.Q(status="received")),
            models.Index(
                fields=["received_at", "shop"], name="flows_webhook_failed", condition=models.Q(status="failed")
            ),
            models.Index(fields=["shop", "-received_at"], name="flows_webhook_newest"),
        )

    def __str__(self) -> str:
        return f"{self.event} {date_format(timezone.localtime(self.received_at), 'SHORT_DATETIME_FORMAT')}"

    def get_reason_display(self) -> str:
        """The reason in the active language."""
        return shown(self.reason)
