"""Who the mail of one site comes from."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.contrib.settings.registry import register_setting


@register_setting(icon="mail")
class SenderSettings(BaseSiteSetting):
    """Sender and postal address of one site. What is empty falls back to the settings of the installation."""

    from_name = models.CharField(_("sender name"), max_length=120, blank=True)
    from_address = models.EmailField(
        _("sender address"), blank=True, help_text=_("Without it the address from the site's configuration is used.")
    )
    reply_to = models.EmailField(_("address for replies"), blank=True)
    postal_address = models.TextField(
        _("postal address"),
        blank=True,
        help_text=_("Stands at the foot of every e-mail. In most countries commercial mail must name one."),
    )

    panels = [
        FieldPanel("from_name"),
        FieldPanel("from_address"),
        FieldPanel("reply_to"),
        FieldPanel("postal_address"),
    ]

    class Meta:
        verbose_name = _("sender of e-mails")
        verbose_name_plural = _("senders of e-mails")

    def __str__(self) -> str:
        return self.from_name or self.from_address or str(self.site)
