"""Event: something that happened to a contact, recorded once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One fact about one contact. UNIQUE (kind, source, dedupe_key): telling it twice records it once.

    `subject` names what it is about (`order:<uuid>`, `list:<uuid>`) so that scenarios can keep two orders of one person
    apart. The engine consumes events from this table: `matched_at` is empty until it has looked.
    """

    kind = models.CharField(_("kind"), max_length=64)
    source = models.CharField(_("source"), max_length=80)
    dedupe_key = models.CharField(max_length=200)
    # Without an index of its own: `flows_event_by_contact` begins with it.
    contact = models.ForeignKey(
        "wagtail_flows.Contact",
        verbose_name=_("contact"),
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,
    )
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    matched_at = models.DateTimeField(null=True, editable=False)
    cause = models.ForeignKey(
        "wagtail_flows.Visit", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    depth = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = (models.UniqueConstraint(fields=["kind", "source", "dedupe_key"], name="flows_event_unique"),)
        indexes = (
            models.Index(
                fields=["contact", "id"], name="flows_event_unmatched", condition=models.Q(matched_at__isnull=True)
            ),
            # The oldest first, whoever's: a new contact doesn't wait behind the backlog of all others.
            models.Index(fields=["id"], name="flows_event_waiting", condition=models.Q(matched_at__isnull=True)),
            models.Index(fields=["contact", "kind", "occurred_at"], name="flows_event_by_contact"),
            # Who did something lately, asked of everybody.
            models.Index(fields=["kind", "occurred_at"], name="flows_event_by_time"),
            models.Index(fields=["subject", "kind"], name="flows_event_by_subject"),
            # Few events are caused by a visit; asked when visits are pruned.
            models.Index(fields=["cause"], name="flows_event_by_cause", condition=models.Q(cause__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.dedupe_key}"
