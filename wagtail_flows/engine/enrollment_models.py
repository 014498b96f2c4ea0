"""Enrollments and visits: who is inside which version of a scenario, at which step, and what happened on the way."""

from __future__ import annotations

import uuid

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.publication_model import being_left


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def active(self) -> Self:
        """Those that go on by themselves."""
        return self.filter(status="active")

    def inside(self) -> Self:
        """Those that haven't left: active, or parked until a person looks."""
        return self.filter(status__in=("active", "parked"))

    def running(self) -> Self:
        """Active ones of scenarios that aren't paused, and of versions that aren't being left: a pause stops the
        runner, and so does a publishing until it has moved its people; nobody leaves by it.
        """
        # Not joins: what is due must be found by its index, in its order, and few scenarios are ever paused.
        paused = Scenario.objects.filter(is_paused=True)
        return self.active().exclude(scenario__in=paused).exclude(version__in=being_left().values("pk"))

    def due(self, now: datetime) -> Self:
        """Running ones that the runner must look at."""
        return self.running().filter(due_at__lte=now)


class Enrollment(models.Model):
    """One contact's passage through one version of one scenario.

    UNIQUE (scenario, contact, entry_key): the same cause enrolls once, whatever is retried. At most one enrollment
    inside per (scenario, contact, subject). `due_at` is when the runner must look again. Ended: `reenter_after` is
    from when on the contact may enter this scenario again (empty: never), and `is_cut_short` says that an event or a
    person ended it before its own end, so that what it had queued doesn't leave any more. `attempts` and `error` tell
    of a step that raises; it is parked after several.

    Waiting for an event, the enrollment itself is the subscription: `waits_for_kind` and `waits_for_match` say which
    (`subscribing.Awaited`), `due_at` is the time-out. `woken_by` is the event that ended the waiting, until the step is
    left; `heard_event_id` the last one that did, since one event wakes an enrollment once. `waits_for_property`:
    the property that `due_at` was computed from.

    `kept_until`: until then they wait, whatever the step would do now. Moved to another version, it is the moment at
    which they were to go on by the one before; overdue when a pause ends, the moment that has passed; at a step that
    `keeps_moment`, the one that it chose. Nobody reads `due_at` back to decide: pauses, corrections and failures write
    it anew. `promised.NOTHING`: they are to be asked anew until when.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("inside")
        ENDED = "ended", _("left")
        PARKED = "parked", _("needs attention")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Each index is written anew with every move, so references have none of their own where another begins with them.
    # `flows_enrollment_standing` has who is inside a version.
    scenario = models.ForeignKey(
        "wagtail_flows.Scenario",
        verbose_name=_("scenario"),
        on_delete=models.PROTECT,
        related_name="enrollments",
        db_index=False,
    )
    version = models.ForeignKey(
        "wagtail_flows.ScenarioVersion", on_delete=models.PROTECT, related_name="enrollments", db_index=False
    )
    contact = models.ForeignKey(
        "wagtail_flows.Contact", on_delete=models.CASCADE, related_name="enrollments", db_index=False
    )
    trigger_event = models.ForeignKey(
        "wagtail_flows.Event", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    trigger_id = models.CharField(max_length=64, blank=True)
    entry_key = models.CharField(max_length=200)
    subject = models.CharField(max_length=120, blank=True)
    data = models.JSONField(default=dict, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    step = models.CharField(_("step"), max_length=64)
    step_entered_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due at"), null=True)
    visit_count = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(_("error"), blank=True)
    depth = models.PositiveSmallIntegerField(default=0)
    entered_at = models.DateTimeField(_("entered at"))
    ended_at = models.DateTimeField(_("left at"), null=True)
    exit_reason = models.CharField(_("exit reason"), max_length=64, blank=True)
    reenter_after = models.DateTimeField(null=True)
    is_cut_short = models.BooleanField(default=False)
    waits_for_kind = models.CharField(max_length=64, blank=True)
    waits_for_match = models.JSONField(default=dict, blank=True)
    waits_for_property = models.CharField(max_length=64, blank=True)
    woken_by = models.ForeignKey(
        "wagtail_flows.Event", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    heard_event_id = models.BigIntegerField(default=0)
    kept_until = models.DateTimeField(null=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        constraints = (
            models.UniqueConstraint(fields=["scenario", "contact", "entry_key"], name="flows_enrollment_unique"),
            models.UniqueConstraint(
                fields=["scenario", "contact", "subject"],
                condition=models.Q(status__in=["active", "parked"]),
                name="flows_enrollment_one_active",
            ),
        )
        indexes = (
            models.Index(fields=["due_at", "id"], name="flows_enrollment_due", condition=models.Q(status="active")),
            models.Index(fields=["contact", "status"], name="flows_enrollment_by_contact"),
            # Who was let in lately without an event: the brakes ask how many of them by hand, at once.
            models.Index(
                fields=["scenario", "entered_at"],
                name="flows_enrollment_announced",
                condition=models.Q(trigger_event__isnull=True),
            ),
            # Whom an event brought or woke: asked when events are pruned.
            models.Index(
                fields=["trigger_event"],
                name="flows_enrollment_by_trigger",
                condition=models.Q(trigger_event__isnull=False),
            ),
            models.Index(
                fields=["woken_by"], name="flows_enrollment_by_waker", condition=models.Q(woken_by__isnull=False)
            ),
            # What needs attention, which is little.
            models.Index(
                fields=["scenario", "step"], name="flows_enrollment_parked", condition=models.Q(status="parked")
            ),
            models.Index(
                fields=["scenario", "step"],
                name="flows_enrollment_failing",
                condition=models.Q(status="active", attempts__gt=0),
            ),
            models.Index(
                fields=["version", "step"],
                name="flows_enrollment_standing",
                condition=models.Q(status__in=["active", "parked"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.contact} – {self.scenario}"


class RefusedEntry(models.Model):
    """One occasion at which a contact would have come in, and didn't: why didn't this person get it?

    Of the same occasion one row, however often it is looked at. `reason` is a code of `engine.words`.
    """

    scenario = models.ForeignKey("wagtail_flows.Scenario", on_delete=models.CASCADE, related_name="refused_entries")
    contact = models.ForeignKey("wagtail_flows.Contact", on_delete=models.CASCADE, related_name="refused_entries")
    event = models.ForeignKey("wagtail_flows.Event", null=True, on_delete=models.SET_NULL, related_name="+")
    trigger_id = models.CharField(max_length=64, blank=True)
    entry_key = models.CharField(max_length=200)
    reason = models.CharField(_("reason"), max_length=32)
    refused_at = models.DateTimeField(_("refused at"))

    class Meta:
        verbose_name = _("refused entry")
        verbose_name_plural = _("refused entries")
        constraints = (
            models.UniqueConstraint(fields=["scenario", "contact", "entry_key"], name="flows_refusedentry_unique"),
        )

    def __str__(self) -> str:
        return f"{self.contact_id} – {self.scenario_id}: {self.reason}"


class Visit(models.Model):
    """One passage through one step, written when the step is left: the outlet taken and the values seen."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="visits", db_index=False)
    number = models.PositiveIntegerField()
    step = models.CharField(_("step"), max_length=64)
    kind = models.CharField(max_length=32)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField()
    outlet = models.CharField(_("outlet"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=32)
    seen = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("enrollment_id", "number")
        constraints = (models.UniqueConstraint(fields=["enrollment", "number"], name="flows_visit_unique"),)

    def __str__(self) -> str:
        return f"{self.enrollment_id}#{self.number} {self.step}"
