"""A connected shop and what it told us."""

from __future__ import annotations

import uuid

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_flows.lib import clock
from wagtail_flows.lib.fields import ExactDecimalField
from wagtail_flows.shop.addresses import review_url_problem, shop_url_problem
from wagtail_flows.shop.milestones import Transit
from wagtail_flows.shop.reasons import shown


class Shop(models.Model):
    """A shop that pushes webhooks to `/flows/shops/<public id>/`. Keys are pinned here, never taken from a request."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    adapter = models.CharField(_("kind"), max_length=32, default="saleor")
    site = models.ForeignKey(
        "wagtailcore.Site", verbose_name=_("site"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    url = models.URLField(
        _("shop address"), help_text=_("Such as https://shop.example/. Its signing keys are read from there.")
    )
    hmac_secret = models.CharField(
        _("webhook secret"), max_length=250, blank=True, help_text=_("Only for webhooks made with a secret key.")
    )
    jwks = models.JSONField(_("signing keys"), null=True, blank=True, editable=False)
    jwks_fetched_at = models.DateTimeField(_("keys read at"), null=True, editable=False)
    keys_claimed_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(pgettext_lazy("shop", "active"), default=True)
    transit_days = models.PositiveSmallIntegerField(
        _("days in transit"),
        null=True,
        blank=True,
        help_text=_(
            "Where no carrier tells when a parcel arrived, it counts as delivered this many days after shipping."
        ),
    )
    transit_since = models.DateTimeField(null=True, editable=False)
    review_url = models.CharField(
        _("review address"),
        max_length=500,
        blank=True,
        help_text=_(
            "Where a product is reviewed: https://shop.example/products/{product_slug}/review?order={order_number}"
        ),
    )
    refused_count = models.PositiveIntegerField(_("refused requests"), default=0, editable=False)
    last_refused_at = models.DateTimeField(_("last refused at"), null=True, editable=False)
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an address that can't be one of a shop, and a review address that can't be filled in."""
        problems: dict[str, ValidationError] = {}
        for field, check in (("url", shop_url_problem), ("review_url", review_url_problem)):
            if problem := check(getattr(self, field)):
                problems[field] = ValidationError(problem)
        if problems:
            raise ValidationError(problems)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Forget the keys of another address: whoever signed for the old shop must not sign for the new one. Note since
        when it is known how long parcels travel.
        """
        before = Shop.objects.filter(pk=self.pk).values("url", "jwks", "transit_days").first() if self.pk else None
        changed: set[str] = set()
        if before and before["url"] != self.url and before["jwks"] == self.jwks:
            self.jwks = self.jwks_fetched_at = None
            changed |= {"jwks", "jwks_fetched_at"}
        if (self.transit_days is None) != (before is None or before["transit_days"] is None):
            self.transit_since = None if self.transit_days is None else clock.now()
            changed.add("transit_since")
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], *changed}
        super().save(*args, **kwargs)

    @property
    def transit(self) -> Transit | None:
        """How long its parcels travel; None where nobody has said so."""
        return None if self.transit_days is None else Transit(self.transit_days, self.transit_since)

    @property
    def source(self) -> str:
        """The source of this shop's events."""
        return f"shop:{self.public_id}"


class Customer(models.Model):
    """A contact as one shop knows them. `told` (see `shop.merging`) lets a newer name win over an older, however late
    it comes.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="customers")
    contact = models.ForeignKey("wagtail_flows.Contact", on_delete=models.CASCADE, related_name="customers")
    told = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = (models.UniqueConstraint(fields=["shop", "contact"], name="flows_customer_unique"),)

    def __str__(self) -> str:
        return f"{self.contact} – {self.shop}"


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


class Order(models.Model):
    """One order, put together from whatever arrived, in whatever order.

    `told` is what is known and who said it when (see `shop.merging`); every other column is read off it. `told_at` is
    the time of the newest message.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="orders", verbose_name=_("shop"))
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    external_id = models.CharField(max_length=120)
    number = models.CharField(pgettext_lazy("identifier", "number"), max_length=60, blank=True)
    contact = models.ForeignKey(
        "wagtail_flows.Contact", null=True, on_delete=models.SET_NULL, related_name="orders", verbose_name=_("contact")
    )
    address = models.CharField(_("e-mail address"), max_length=254, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True)
    channel = models.CharField(_("channel"), max_length=120, blank=True)
    status = models.CharField(_("status"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    total = ExactDecimalField(_("total"), null=True)
    placed_at = models.DateTimeField(_("placed at"), null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    is_delivery_estimated = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    refunded_at = models.DateTimeField(_("refunded at"), null=True)
    fully_refunded_at = models.DateTimeField(_("fully refunded at"), null=True)
    metadata = models.JSONField(default=dict, blank=True)
    told = models.JSONField(default=dict, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("-placed_at", "-id")
        constraints = (models.UniqueConstraint(fields=["shop", "external_id"], name="flows_order_unique"),)
        indexes = (models.Index(fields=["-placed_at", "-id"], name="flows_order_newest"),)

    def __str__(self) -> str:
        return self.number or self.external_id

    @property
    def is_fully_refunded(self) -> bool:
        return self.fully_refunded_at is not None

    @property
    def subject(self) -> str:
        """What the events of this order are about."""
        return f"order:{self.public_id}"


class OrderLine(models.Model):
    """One line. `is_removed`: it was part of the order once; `quantity_settled`: how many need no more shipping."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    product_name = models.CharField(_("product"), max_length=250, blank=True)
    variant_name = models.CharField(_("variant"), max_length=250, blank=True)
    sku = models.CharField(max_length=120, blank=True)
    variant_id = models.CharField(max_length=120, blank=True)
    product_id = models.CharField(max_length=120, blank=True)
    product_slug = models.CharField(max_length=250, blank=True)
    category = models.CharField(max_length=250, blank=True)
    image_url = models.URLField(max_length=1000, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    quantity_settled = models.PositiveIntegerField(null=True)
    unit_price = ExactDecimalField(null=True)
    is_removed = models.BooleanField(default=False)
    told = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=["order", "external_id"], name="flows_orderline_unique"),)
        # Who bought this: segments ask by product and by category.
        indexes = (
            models.Index(fields=["product_id"], name="flows_orderline_product", condition=models.Q(is_removed=False)),
            models.Index(fields=["category"], name="flows_orderline_category", condition=models.Q(is_removed=False)),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_name}"


class Fulfilment(models.Model):
    """One parcel. `estimated_delivery_at` is a due row: shipped + the shop's days in transit, until a real date is
    told.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="fulfilments")
    external_id = models.CharField(max_length=120)
    status = models.CharField(_("status"), max_length=40, blank=True)
    tracking = models.CharField(_("tracking"), max_length=250, blank=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    is_delivery_estimated = models.BooleanField(default=False)
    estimated_delivery_at = models.DateTimeField(null=True, db_index=True)
    is_removed = models.BooleanField(default=False)
    told = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        constraints = (models.UniqueConstraint(fields=["order", "external_id"], name="flows_fulfilment_unique"),)

    def __str__(self) -> str:
        return f"{self.order} {self.external_id}"


class FulfilmentLine(models.Model):
    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.CASCADE, related_name="lines")
    order_line_external_id = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["fulfilment", "order_line_external_id"], name="flows_fulfilmentline_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line_external_id}"
