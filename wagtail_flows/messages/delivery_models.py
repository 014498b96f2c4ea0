"""Delivery: one copy to one address, with its states."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stream(models.TextChoices):
    COMMERCIAL = "commercial", _("commercial")
    TRANSACTIONAL = "transactional", _("transactional")


class Basis(models.TextChoices):
    """Why we may write: the legal basis stored on every delivery."""

    SUBSCRIPTION = "subscription", _("confirmed subscription")
    EXISTING_CUSTOMER = "existing_customer", _("existing customer")
    TRANSACTION = "transaction", _("part of a transaction")


class Delivery(models.Model):
    """One copy of one message to one address.

    queued → (leased, still queued) → sending → sent | failed | skipped | uncertain, or back to queued after a certain, temporary refusal.
    `uncertain` means that nobody can know whether the server took it; it is never sent again by itself. Writes after a lease name
    `lease_token`. UNIQUE (visit): a step sends once however often it is retried.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being handed over")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("skipped")
        UNCERTAIN = "uncertain", _("uncertain")

    class Kind(models.TextChoices):
        MESSAGE = "message", _("e-mail")
        CONFIRMATION = "confirmation", _("confirmation request")
        ALREADY_SUBSCRIBED = "already_subscribed", _("already subscribed notice")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, default="email")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.MESSAGE)
    visit = models.OneToOneField(
        "wagtail_flows.Visit", null=True, on_delete=models.SET_NULL, related_name="delivery", verbose_name=_("visit")
    )
    contact = models.ForeignKey(
        "wagtail_flows.Contact", on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("contact")
    )
    address = models.CharField(_("e-mail address"), max_length=254)
    stream = models.CharField(_("stream"), max_length=14, choices=Stream.choices)
    basis = models.CharField(_("basis"), max_length=20, choices=Basis.choices)
    mailing_list = models.ForeignKey(
        "wagtail_flows.MailingList", null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("list")
    )
    asks_for_review = models.BooleanField(default=False)
    message_key = models.UUIDField(null=True, db_index=True)
    message_revision = models.ForeignKey("wagtailcore.Revision", null=True, on_delete=models.SET_NULL, related_name="+")
    context = models.JSONField(default=dict, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True)
    rendered_subject = models.CharField(_("subject"), max_length=250, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    queued_at = models.DateTimeField(_("queued at"))
    due_at = models.DateTimeField(_("due at"))
    sending_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    provider_id = models.CharField(max_length=250, blank=True)
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["due_at", "id"], name="flows_delivery_due", condition=models.Q(status="queued")),
            models.Index(fields=["leased_until"], name="flows_delivery_sending", condition=models.Q(status="sending")),
            models.Index(fields=["contact", "status"], name="flows_delivery_by_contact"),
        )

    def __str__(self) -> str:
        return f"{self.address}: {self.get_status_display()}"
