"""Scenario: the thing that is drawn. ScenarioVersion: the immutable graph that was published."""

from __future__ import annotations

import uuid

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, LockableMixin, RevisionMixin, WorkflowMixin


class Scenario(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model):
    """A draft graph with its publish plan; publishing makes a ScenarioVersion. What runs is always a version, never the draft."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150)
    graph = models.JSONField(_("graph"), default=dict, blank=True)
    plan = models.JSONField(_("publish plan"), default=dict, blank=True)
    current_version = models.ForeignKey(
        "wagtail_flows.ScenarioVersion", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    is_paused = models.BooleanField(_("paused"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState", content_type_field="base_content_type", object_id_field="object_id", for_concrete_model=False
    )
    _revisions = GenericRelation(
        "wagtailcore.Revision", content_type_field="base_content_type", object_id_field="object_id", for_concrete_model=False
    )

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def revisions(self) -> Any:
        return self._revisions


class ScenarioVersion(models.Model):
    """One published graph. It is never changed: enrollments stay on theirs."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="versions", verbose_name=_("scenario"))
    number = models.PositiveIntegerField(_("number"))
    graph = models.JSONField(_("graph"))
    starts_with_events_after = models.DateTimeField()
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("published by")
    )

    class Meta:
        verbose_name = _("scenario version")
        verbose_name_plural = _("scenario versions")
        ordering = ("scenario_id", "-number")
        constraints = (models.UniqueConstraint(fields=["scenario", "number"], name="flows_scenarioversion_unique"),)

    def __str__(self) -> str:
        return f"{self.scenario} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError(_("A published version is never changed: publish another one."))
        super().save(*args, **kwargs)
