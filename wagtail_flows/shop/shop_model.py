"""Shop: a connected shop; Customer: a contact as one shop knows them."""

from __future__ import annotations

import uuid

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_flows.lib import clock
from wagtail_flows.shop.addresses import review_url_problem, shop_url_problem
from wagtail_flows.shop.milestones import Transit


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
