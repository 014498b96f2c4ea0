"""The winner of a random split, or why there is none yet."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SplitWinner(models.Model):
    """What became of looking for the winner of a random split: `outlet` won, or none did yet (empty), and `doubt` says
    why. UNIQUE (scenario, step, fingerprint): it is decided once for as long as the split is the same, whatever else
    later versions change. `numbers`: what was seen (`split_numbers.Numbers`), `version` where it was looked.
    """

    scenario = models.ForeignKey(
        "wagtail_flows.Scenario", on_delete=models.CASCADE, related_name="split_winners", verbose_name=_("scenario")
    )
    version = models.ForeignKey("wagtail_flows.ScenarioVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    step = models.CharField(_("step"), max_length=64)
    fingerprint = models.CharField(max_length=64)
    outlet = models.CharField(_("winner"), max_length=64, blank=True)
    doubt = models.CharField(max_length=16, blank=True)
    numbers = models.JSONField(default=dict)
    looked_at = models.DateTimeField(_("looked at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("winner of a split")
        verbose_name_plural = _("winners of splits")
        constraints = (
            models.UniqueConstraint(fields=["scenario", "step", "fingerprint"], name="flows_splitwinner_unique"),
        )

    def __str__(self) -> str:
        return f"{self.scenario_id} – {self.step}: {self.outlet or self.doubt}"
