"""What a scenario sent in each hour."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SendingHour(models.Model):
    """How many e-mails of a scenario were handed over in one hour of the clock (UTC), told batch by batch.

    `allowed` is the forecast of `forecast_at`, counted on from `base`: what had been sent when a person last resumed
    the scenario in this hour. `let_in`: how many people publishing it, or a page, let in. `rates_at`: when bounces and
    complaints were last looked at.
    """

    scenario = models.ForeignKey("wagtail_flows.Scenario", on_delete=models.CASCADE, related_name="sending_hours")
    starts_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    base = models.PositiveIntegerField(default=0)
    allowed = models.PositiveIntegerField(null=True)
    forecast_at = models.DateTimeField(null=True)
    let_in = models.PositiveIntegerField(default=0)
    rates_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("hour of sending")
        verbose_name_plural = _("hours of sending")
        constraints = (models.UniqueConstraint(fields=["scenario", "starts_at"], name="flows_sendinghour_unique"),)

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.starts_at}: {self.count}"
