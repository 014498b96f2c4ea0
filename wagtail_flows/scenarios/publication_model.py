"""Publication: one publishing whose plan isn't carried out to its end."""

from __future__ import annotations

from django.db import models
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail_flows.scenarios.models import ScenarioVersion
from wagtail_flows.scenarios.plan import Inside


class Publication(models.Model):
    """Written in the transaction that publishes (or archives), carried out in batches by the runner, then deleted.

    `inside`: what becomes of people in versions before number `before`: they stay, are moved to `version` by the map in
    `plan`, or leave. Until theirs has been decided they are held: nobody goes on by a version that is being left.
    `intake`: what is left of “also who matches now”: of each trigger (as the graph's JSON has it) the `mark` up to
    which it is done.
    """

    scenario = models.ForeignKey("wagtail_flows.Scenario", on_delete=models.CASCADE, related_name="publications")
    version = models.ForeignKey("wagtail_flows.ScenarioVersion", on_delete=models.CASCADE, related_name="+")
    plan = models.JSONField(default=dict)
    inside = models.CharField(max_length=8)
    before = models.PositiveIntegerField()
    intake = models.JSONField(default=list)
    published_at = models.DateTimeField()

    class Meta:
        verbose_name = _("publication of a scenario")
        verbose_name_plural = _("publications of scenarios")

    def __str__(self) -> str:
        return f"{self.scenario_id}: {self.inside}"


# The plans under which people don't go on by the version that they are in.
LEAVING_THE_OLD = (Inside.MOVE.value, Inside.LEAVE.value)


def being_left() -> QuerySet[ScenarioVersion]:
    """The versions whose people are being moved, or made to leave; few, and mostly none."""
    return ScenarioVersion.objects.filter(
        scenario__publications__inside__in=LEAVING_THE_OLD, number__lt=F("scenario__publications__before")
    ).order_by()
