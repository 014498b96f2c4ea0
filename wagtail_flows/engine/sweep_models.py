"""What looking over and over remembers: who was in a segment, up to which day and which contact it has looked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SegmentSweep(models.Model):
    """What a scenario that starts by coming into a segment knows of it: who was in at the last look (`seen`).

    `since` is the moment from which on the scenario listens: at another one, who is in counts as having been in before.
    """

    scenario = models.ForeignKey("wagtail_flows.Scenario", on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey("wagtail_flows.Segment", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    swept_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sweep of a segment")
        verbose_name_plural = _("sweeps of segments")
        constraints = (models.UniqueConstraint(fields=["scenario", "segment"], name="flows_segmentsweep_unique"),)

    def __str__(self) -> str:
        return f"{self.scenario_id} – {self.segment_id}"


class SeenMember(models.Model):
    """A contact that was in the segment at the last sweep."""

    # Without an index of its own: the constraint begins with it, and a planner that takes it for as good as that would
    # read everybody seen to find one.
    sweep = models.ForeignKey(SegmentSweep, on_delete=models.CASCADE, related_name="seen", db_index=False)
    contact = models.ForeignKey("wagtail_flows.Contact", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("member seen in a segment")
        verbose_name_plural = _("members seen in a segment")
        constraints = (models.UniqueConstraint(fields=["sweep", "contact"], name="flows_seenmember_unique"),)

    def __str__(self) -> str:
        return f"{self.sweep_id}: {self.contact_id}"


class DateSweep(models.Model):
    """Up to when a trigger that hangs on a date has looked whose day it is."""

    scenario = models.ForeignKey("wagtail_flows.Scenario", on_delete=models.CASCADE, related_name="+")
    trigger_id = models.CharField(max_length=64)
    swept_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sweep of dates")
        verbose_name_plural = _("sweeps of dates")
        constraints = (models.UniqueConstraint(fields=["scenario", "trigger_id"], name="flows_datesweep_unique"),)

    def __str__(self) -> str:
        return f"{self.scenario_id} – {self.trigger_id}"


class PagePublication(models.Model):
    """A page was published, and a scenario lets its audience in because of that: those up to `last_contact` are done.

    The row goes when all are. `page_id` is no foreign key: the page may be gone by then.
    """

    scenario = models.ForeignKey("wagtail_flows.Scenario", on_delete=models.CASCADE, related_name="+")
    trigger_id = models.CharField(max_length=64)
    page_id = models.PositiveIntegerField()
    data = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    last_contact = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("publication of a page")
        verbose_name_plural = _("publications of pages")

    def __str__(self) -> str:
        return f"{self.scenario_id} – {self.page_id}"
