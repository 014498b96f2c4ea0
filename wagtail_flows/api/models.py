"""ApiKey: what a program shows to be let in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApiKey(models.Model):
    """The secret itself is told once and never stored; `secret_hash` is its SHA-256, which is enough for one that was
    drawn at random. `prefix` is the part by which it is found, and recognised in the admin.
    """

    class Scope(models.TextChoices):
        EVENTS = "events", _("record events")
        START = "start", _("start scenarios")

    name = models.CharField(
        _("name"), max_length=120, help_text=_("Which program uses it, such as “shop” or “loyalty cards”.")
    )
    prefix = models.CharField(_("begins with"), max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("allowed to"), default=list)
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name
