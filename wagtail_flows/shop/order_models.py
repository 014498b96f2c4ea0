"""Order: what was bought, its lines and its parcels."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_flows.lib.fields import ExactDecimalField
from wagtail_flows.shop.shop_model import Shop


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
