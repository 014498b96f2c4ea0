"""Scenario: the thing that is drawn. ScenarioVersion: the immutable graph that was published."""

from __future__ import annotations

import hashlib
import json
import uuid

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.models import DraftStateMixin, LockableMixin, Revision, RevisionMixin, WorkflowMixin

from wagtail_flows.lib.db import locked
from wagtail_flows.lib.fields import ExactDecimalField
from wagtail_flows.scenarios import publishing
from wagtail_flows.scenarios.fields import GraphField


PERCENT = (MinValueValidator(0), MaxValueValidator(100))


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def taking_in(self) -> ScenarioQuerySet:
        """Those whose triggers listen: published, and not unpublished since. Pausing holds people back inside, it
        doesn't turn them away.
        """
        return self.filter(live=True, current_version__isnull=False)


class Scenario(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model):
    """A draft graph with its publish plan; publishing makes a ScenarioVersion.

    What runs is always a version: nothing but the editor reads `graph`. Made in code it isn't live until it is
    published: `scenario.save_revision().publish()`.
    """

    # Facts about the scenario itself, which a revision must not bring back when it is published or shown.
    NOT_IN_REVISIONS = (
        "public_id",
        "current_version_id",
        "is_paused",
        "archived_at",
        "paused_at",
        "resumed_at",
        "brake",
        "brake_numbers",
        "priority",
        "most_to_contact_a_day",
        "most_an_hour",
        "most_bounces",
        "most_complaints",
        "created_at",
    )

    class Priority(models.IntegerChoices):
        LOW = 1, pgettext_lazy("priority", "low")
        NORMAL = 2, pgettext_lazy("priority", "normal")
        HIGH = 3, pgettext_lazy("priority", "high")

    live = models.BooleanField(_("live"), default=False, editable=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150)
    graph = GraphField(_("graph"), default=dict, blank=True)
    plan = models.JSONField(_("publish plan"), default=dict, blank=True)
    current_version = models.ForeignKey(
        "wagtail_flows.ScenarioVersion",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    is_paused = models.BooleanField(_("paused"), default=False, editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, editable=False)
    resumed_at = models.DateTimeField(null=True, editable=False)
    # Which brake paused it (a code of `scenarios.brakes`; empty: a person did), and what it had counted.
    brake = models.CharField(max_length=32, blank=True, editable=False)
    brake_numbers = models.JSONField(default=dict, blank=True, editable=False)
    # The limits are of the scenario, not of a version: they hold from when they are saved.
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        choices=Priority,
        default=Priority.NORMAL,
        editable=False,
        help_text=_("Where a contact may get one more e-mail and several wait, that of the higher priority goes."),
    )
    most_to_contact_a_day = models.PositiveSmallIntegerField(
        _("most e-mails to one contact in a day"), default=5, editable=False, validators=[MinValueValidator(1)]
    )
    most_an_hour = models.PositiveIntegerField(
        _("most e-mails in an hour"),
        null=True,
        blank=True,
        editable=False,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as the forecast says."),
    )
    most_bounces = ExactDecimalField(
        _("most bounces, in percent"),
        null=True,
        blank=True,
        editable=False,
        validators=PERCENT,
        help_text=_("Of each mailbox provider. Empty: what the provider publishes."),
    )
    most_complaints = ExactDecimalField(
        _("most complaints, in percent"),
        null=True,
        blank=True,
        editable=False,
        validators=PERCENT,
        help_text=_("Of each mailbox provider. Empty: what the provider publishes."),
    )
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), auto_now_add=True)

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )
    _revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )

    objects = ScenarioQuerySet.as_manager()

    if TYPE_CHECKING:
        current_version_id: int | None

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering = ("name",)
        permissions = (("start_scenario", _("Can start a scenario for chosen contacts")),)

    def __str__(self) -> str:
        return self.name

    def get_latest_revision_as_object(self) -> Scenario:
        """The draft. The plan of one that is published was obeyed: the next publishing has a plan of its own."""
        draft: Scenario = super().get_latest_revision_as_object()
        if self.latest_revision_id is not None and self.latest_revision_id == self.live_revision_id:
            draft.plan = {}
        return draft

    def with_content_json(self, content: Any) -> Scenario:
        restored: Scenario = super().with_content_json(content)
        restored._keep_facts_of(self)
        return restored

    def publish(
        self, revision: Revision, user: Any = None, changed: bool = True, log_action: Any = True, **options: Any
    ) -> None:
        """Every path of Wagtail ends here: button, schedule, approval, API. See `publishing.publish`."""
        go_live = partial(super().publish, revision, user=user, changed=changed, log_action=log_action, **options)
        publishing.publish(self, revision, go_live, user=user, has_somebody_to_tell=log_action != publishing.SCHEDULED)

    def unpublish(self, *args: Any, **kwargs: Any) -> None:
        """Nobody comes in any more; people inside go on."""
        with transaction.atomic():
            # Wagtail saves all of this object: what somebody published or paused since it was loaded must survive.
            row = locked(Scenario.objects.filter(pk=self.pk)).get()
            self._keep_facts_of(row)
            super().unpublish(*args, **kwargs)

    def _keep_facts_of(self, other: Scenario) -> None:
        for name in self.NOT_IN_REVISIONS:
            setattr(self, name, getattr(other, name))


class ScenarioVersion(models.Model):
    """One published graph. It is never changed: enrollments stay on theirs, and keep it from being deleted.

    Only events recorded after `starts_with_events_after` may start an enrollment; by a trigger that an earlier version
    had too, those after the moment in `listening_since` (ISO, by the trigger's id), so that publishing loses none that
    waits to be matched.
    """

    scenario = models.ForeignKey(
        Scenario, on_delete=models.CASCADE, related_name="versions", verbose_name=_("scenario")
    )
    number = models.PositiveIntegerField(pgettext_lazy("identifier", "number"))
    graph = models.JSONField(_("graph"))
    graph_hash = models.CharField(max_length=64, editable=False)
    starts_with_events_after = models.DateTimeField()
    listening_since = models.JSONField(default=dict)
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

    def listens_since(self, trigger_id: str) -> datetime:
        """Events recorded after this moment may start an enrollment by this trigger."""
        earlier = self.listening_since.get(trigger_id)
        return datetime.fromisoformat(earlier) if earlier else self.starts_with_events_after

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError(_("A published version is never changed: publish another one."))
        self.graph_hash = hash_of(self.graph)
        super().save(*args, **kwargs)


def hash_of(graph: Any) -> str:
    """SHA-256, in hexadecimal, of a graph's JSON; equal graphs have equal hashes."""
    return hashlib.sha256(json.dumps(graph, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
