"""Delivery: one copy to one address, with its states."""

from __future__ import annotations

import uuid

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_flows.lib import clock
from wagtail_flows.lib.fields import DomainField
from wagtail_flows.lib.titles import with_detail


# The channel of what the database holds unless it says otherwise.
EMAIL = "email"


class Stream(models.TextChoices):
    COMMERCIAL = "commercial", _("commercial")
    TRANSACTIONAL = "transactional", _("transactional")


class Basis(models.TextChoices):
    """Why we may write: the legal basis stored on every delivery."""

    SUBSCRIPTION = "subscription", _("confirmed subscription")
    EXISTING_CUSTOMER = "existing_customer", _("existing customer")
    TRANSACTION = "transaction", _("part of a transaction")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> DeliveryQuerySet:
        """Queued, its moment has come, and no worker holds it."""
        return self.waiting().filter(due_at__lte=now)

    def waiting(self) -> DeliveryQuerySet:
        """Queued, due now or later, and no worker holds it."""
        is_free = models.Q(leased_until=None) | models.Q(leased_until__lte=clock.real_now())
        return self.filter(is_free, status=Delivery.Status.QUEUED)

    def held_by(self, token: uuid.UUID) -> DeliveryQuerySet:
        """What this lease may still write: waiting, being handed over, or given up for uncertain by `rescue`."""
        still = (Delivery.Status.QUEUED, Delivery.Status.SENDING, Delivery.Status.UNCERTAIN)
        return self.filter(lease_token=token, status__in=still)


class Delivery(models.Model):
    """One copy of one message to one address, by one channel. UNIQUE (visit): a step sends once however often it is
    retried.

    queued      Waits for `due_at`. A worker that leases it writes `lease_token` and `leased_until` (the machine's time)
                and leaves it queued: a lease that ran out is simply taken by another. A gate that says Hold, a 4xx
                reply and a connection lost before the content left bring it back here, due later and with `reason`.
    sending     In a worker's hands at this moment; each has one. Committed before the mail system hears of it.
    sent        The mail system took it over.
    failed      It said no for good (5xx), or for the moment too many times, or the mail couldn't be written at all.
    skipped     A gate objected at the last moment: suppressed, left, never to be asked. Nobody outside heard of it.
    uncertain   Nobody can know: the worker was killed, or the server fell silent after the content began to leave. It
                is never sent again by itself (but where `is_repeatable` says that a second copy does no harm: that
                one goes back to `queued`). `lease_token` stays, so that the worker, if it lives after all, can still
                say how it ended.

    `scenario` is that of the visit, kept here so that what a scenario sends is counted by an index. `too_late_at`: from
    when on it isn't worth sending any more (empty: as long as the limits of the site say). `sending_at` stays after the
    end: when it was last handed over.

    `attempts` counts how often it was handed over and not taken; an unreachable server counts for none. Every write
    after a lease names the token and believes the number of rows changed, but for one: where the provider reports a
    mail that is `sending`, only `reason` is written, and whoever would call it uncertain looks there.
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
        DISPATCH = "dispatch", _("made by a step")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(_("channel"), max_length=20, default=EMAIL)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.MESSAGE)
    visit = models.OneToOneField(
        "wagtail_flows.Visit", null=True, on_delete=models.SET_NULL, related_name="delivery", verbose_name=_("visit")
    )
    scenario = models.ForeignKey(
        "wagtail_flows.Scenario", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # Without an index of its own: `flows_delivery_by_contact` begins with it.
    contact = models.ForeignKey(
        "wagtail_flows.Contact",
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("contact"),
        db_index=False,
    )
    address = models.CharField(_("address"), max_length=254)
    domain = DomainField(source="address", max_length=254)
    stream = models.CharField(_("stream"), max_length=14, choices=Stream.choices)
    basis = models.CharField(_("basis"), max_length=20, choices=Basis.choices)
    mailing_list = models.ForeignKey(
        "wagtail_flows.MailingList", null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("list")
    )
    asks_for_review = models.BooleanField(default=False)
    is_repeatable = models.BooleanField(default=False)
    message_key = models.UUIDField(null=True, db_index=True)
    message_revision = models.ForeignKey(
        "wagtailcore.Revision", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    context = models.JSONField(default=dict, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True)
    rendered_subject = models.CharField(_("subject"), max_length=250, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    queued_at = models.DateTimeField(_("queued at"))
    due_at = models.DateTimeField(_("due at"))
    too_late_at = models.DateTimeField(_("too late at"), null=True)
    sending_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    provider_id = models.CharField(max_length=250, blank=True)
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    # What a gate has learned of the site's limits for the whole batch, kept for when this one is asked about alone.
    site_limits: Any = None

    objects: ClassVar[Any] = models.Manager.from_queryset(DeliveryQuerySet)()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["channel", "stream", "due_at", "id"],
                name="flows_delivery_due",
                condition=models.Q(status="queued"),
            ),
            models.Index(fields=["leased_until"], name="flows_delivery_sending", condition=models.Q(status="sending")),
            models.Index(fields=["contact", "status"], name="flows_delivery_by_contact"),
            models.Index(
                fields=["message_revision"],
                name="flows_delivery_by_revision",
                condition=models.Q(message_revision__isnull=False),
            ),
            # What needs attention.
            models.Index(fields=["ended_at"], name="flows_delivery_failed", condition=models.Q(status="failed")),
            models.Index(fields=["ended_at"], name="flows_delivery_uncertain", condition=models.Q(status="uncertain")),
            models.Index(
                fields=["scenario", "sending_at", "domain"],
                name="flows_delivery_by_scenario",
                condition=models.Q(sending_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return with_detail(self.address, self.get_status_display())
