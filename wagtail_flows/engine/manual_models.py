"""ManualStart: a scenario started by hand for several people, a batch at a time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ManualStart(models.Model):
    """Who is to come in: the members of `segment`, or the `contacts` chosen (sorted primary keys).

    Prepared first, with people and without a scenario; begun by whoever confirms it; then followed up by the runner:
    those up to `last_contact` are done. Who was chosen is forgotten when all are. `key` names the occasion, so that
    pressing twice begins once.
    """

    key = models.CharField(max_length=64, unique=True)
    scenario = models.ForeignKey(
        "wagtail_flows.Scenario", null=True, on_delete=models.CASCADE, related_name="manual_starts"
    )
    segment = models.ForeignKey("wagtail_flows.Segment", null=True, on_delete=models.SET_NULL, related_name="+")
    contacts = models.JSONField(default=list)
    # What was chosen, as people read it; never an address: this row outlives the contact.
    chosen = models.CharField(_("people"), max_length=150, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("started by")
    )
    prepared_at = models.DateTimeField()
    begun_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(null=True)
    last_contact = models.BigIntegerField(default=0)
    looked_at = models.PositiveIntegerField(_("looked at"), default=0)
    entered = models.PositiveIntegerField(_("came in"), default=0)
    # Why it ended before everybody was looked at; "" where it didn't.
    problem = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name = _("start by hand")
        verbose_name_plural = _("starts by hand")
        indexes = (
            models.Index(
                fields=["id"],
                condition=models.Q(begun_at__isnull=False, finished_at__isnull=True),
                name="flows_manualstart_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scenario_id} – {self.key}"
