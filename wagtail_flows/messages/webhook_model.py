"""WebhookEndpoint: an address that scenarios call, and the secret that the calls are signed with."""

from __future__ import annotations

import uuid

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_flows.conf import conf
from wagtail_flows.lib.http_targets import FetchError, read_target
from wagtail_flows.lib.webhook_signing import new_secret


# So long the secret before the current one signs, too: time enough to enter the new one at the receiver.
OVERLAP = timedelta(hours=24)


class WebhookEndpoint(models.Model):
    """Named by scenarios by its public id; neither address nor secret is ever part of a graph.

    The secret is shown once, when it is made. Making a new one leaves the old one valid for a day: calls bear both
    signatures so long.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    url = models.URLField(_("address"), max_length=500, help_text=_("Such as https://example.org/hooks/orders."))
    is_active = models.BooleanField(
        pgettext_lazy("webhook", "active"),
        default=True,
        help_text=_("Calls of one that isn't active are skipped; they aren't made up for later."),
    )
    is_repeat_safe = models.BooleanField(
        _("repeated in doubt"),
        default=False,
        help_text=_(
            "The receiver ignores a webhook-id that it has seen already. Then a call that may or may not have arrived "
            "is made again; without this it is listed as uncertain."
        ),
    )
    secret = models.CharField(max_length=120, default=new_secret, editable=False)
    previous_secret = models.CharField(max_length=120, blank=True, editable=False)
    secret_made_at = models.DateTimeField(_("secret made at"), null=True, editable=False)
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an address that could never be called."""
        try:
            scheme = read_target(self.url).scheme
        except FetchError as error:
            raise ValidationError({"url": str(error)}) from error
        if scheme != "https" and not conf.ALLOW_PRIVATE_ADDRESSES:
            raise ValidationError(
                {"url": _("The address must start with https://: it is told what you know of people.")}
            )

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """What signs at this moment, the current secret first."""
        is_overlapping = self.secret_made_at is not None and now - self.secret_made_at < OVERLAP
        return (self.secret, self.previous_secret) if self.previous_secret and is_overlapping else (self.secret,)

    def renew_secret(self, now: datetime) -> str:
        """Store and answer with a new secret. The one before signs, too, for a day."""
        self.previous_secret, self.secret, self.secret_made_at = self.secret, new_secret(), now
        self.save(update_fields=["previous_secret", "secret", "secret_made_at"])
        return self.secret
