"""Segment: a saved question about contacts, or a hand-made set of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Segment(models.Model):
    """Who, asked in plain words. Its rule is asked anew each time; a static one keeps its members."""

    class Kind(models.TextChoices):
        RULE = "rule", _("by rule")
        STATIC = "static", _("by hand")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.RULE)
    rule = models.JSONField(_("rule"), default=dict, blank=True)
    count = models.PositiveIntegerField(_("people"), null=True, editable=False)
    counted_at = models.DateTimeField(_("counted at"), null=True, editable=False)
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """A contact put into a static segment by hand, by a bulk action, by a file of addresses or by code."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="hand_made_members")
    contact = models.ForeignKey("wagtail_flows.Contact", on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("member of a segment")
        verbose_name_plural = _("members of a segment")
        constraints = (models.UniqueConstraint(fields=["segment", "contact"], name="flows_segmentmember_unique"),)

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}"


class SegmentCount(models.Model):
    """How many people a segment had on a day; the growth chart is drawn from these."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="counts")
    counted_on = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("daily count of a segment")
        verbose_name_plural = _("daily counts of a segment")
        constraints = (models.UniqueConstraint(fields=["segment", "counted_on"], name="flows_segmentcount_unique"),)

    def __str__(self) -> str:
        return f"{self.segment_id} {self.counted_on}: {self.count}"
