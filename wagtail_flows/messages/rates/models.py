"""How fast mail may leave: what an owner sets, and how much of it is used."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting
from wagtail.contrib.settings.registry import register_setting

from wagtail_flows.lib.text import fold
from wagtail_flows.messages.delivery_models import Stream
from wagtail_flows.messages.rates.panel import WarmUpPanel
from wagtail_flows.messages.rates.warming import WarmUp


AT_LEAST_ONE = (MinValueValidator(1),)


@register_setting(icon="tasks")
class SendingRates(ClusterableModel, BaseGenericSetting):
    """How fast mail leaves the whole installation: its servers and their good name belong to all of its sites."""

    commercial_a_minute = models.PositiveIntegerField(
        _("most commercial e-mails in a minute"), null=True, blank=True, validators=AT_LEAST_ONE
    )
    provider_a_minute = models.PositiveIntegerField(
        _("most e-mails in a minute to one mailbox provider"), null=True, blank=True, validators=AT_LEAST_ONE
    )
    warm_up_starts_on = models.DateField(_("starts on"), null=True, blank=True)
    warm_up_first = models.PositiveIntegerField(
        _("e-mails on the first day"), null=True, blank=True, validators=AT_LEAST_ONE
    )
    warm_up_growth = models.PositiveSmallIntegerField(
        _("more each day, in percent"), null=True, blank=True, validators=(*AT_LEAST_ONE, MaxValueValidator(400))
    )
    warm_up_until = models.PositiveIntegerField(
        _("over at so many in a day"), null=True, blank=True, validators=AT_LEAST_ONE
    )

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("commercial_a_minute"), FieldPanel("provider_a_minute")]),
                InlinePanel("provider_rates", heading=_("Other rates for single providers"), label=_("Provider")),
            ],
            heading=_("Rates"),
            help_text=_("Empty: as fast as the mail server takes them, or as the installation says."),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("warm_up_starts_on"), FieldPanel("warm_up_first")]),
                FieldRowPanel([FieldPanel("warm_up_growth"), FieldPanel("warm_up_until")]),
                WarmUpPanel(),
            ],
            heading=_("Warm-up"),
            help_text=_(
                "A sender that mailbox providers don’t know yet begins with few commercial e-mails a day and sends more"
                " each day. What is over waits until the next day, what has waited longest goes first."
            ),
        ),
    ]

    class Meta:
        verbose_name = _("sending rates")
        verbose_name_plural = _("sending rates")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def warm_up_values(self) -> dict[str, Any]:
        names = ("starts_on", "first", "growth", "until")
        return {name: getattr(self, f"warm_up_{name}") for name in names}

    def warm_up(self) -> WarmUp | None:
        """The plan, where there is one."""
        values = self.warm_up_values()
        return WarmUp(**values) if all(value is not None for value in values.values()) else None

    def clean(self) -> None:
        values = self.warm_up_values()
        missing = [f"warm_up_{name}" for name, value in values.items() if value is None]
        if missing and len(missing) < len(values):
            raise ValidationError(dict.fromkeys(missing, _("A warm-up needs all four.")))


class ProviderRate(models.Model):
    """Another rate for one mailbox provider, named by any of its domains."""

    rates = ParentalKey(SendingRates, on_delete=models.CASCADE, related_name="provider_rates")
    domain = models.CharField(
        _("domain"), max_length=254, help_text=_("Such as gmail.com; it stands for all of Gmail.")
    )
    a_minute = models.PositiveIntegerField(_("most e-mails in a minute"), validators=AT_LEAST_ONE)

    panels = [FieldRowPanel([FieldPanel("domain"), FieldPanel("a_minute")])]

    class Meta:
        verbose_name = _("rate of a provider")
        verbose_name_plural = _("rates of providers")
        constraints = (models.UniqueConstraint(fields=["rates", "domain"], name="flows_providerrate_unique"),)

    def __str__(self) -> str:
        return self.domain

    def clean(self) -> None:
        self.domain = fold(self.domain).rpartition("@")[2]
        if "." not in self.domain or any(character.isspace() for character in self.domain):
            raise ValidationError({"domain": _("Write a domain, such as gmail.com.")})


class TokenBucket(models.Model):
    """One token bucket: see `rates.bucket`. A row that nobody took from for long is deleted, and counts as full."""

    key = models.CharField(max_length=280, unique=True)
    spent_until = models.DateTimeField()
    ready_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("token bucket")
        verbose_name_plural = _("token buckets")

    def __str__(self) -> str:
        return self.key


class SendingDay(models.Model):
    """How many e-mails of a stream were taken to be sent on one day of the site's clock, while it warms up."""

    stream = models.CharField(max_length=14, choices=Stream.choices)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("day of sending")
        verbose_name_plural = _("days of sending")
        constraints = (models.UniqueConstraint(fields=["stream", "day"], name="flows_sendingday_unique"),)

    def __str__(self) -> str:
        return f"{self.stream} {self.day}: {self.count}"
