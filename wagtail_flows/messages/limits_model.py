"""How much one contact of a site may get, and at which hours."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.contrib.settings.registry import register_setting


AT_LEAST_ONE = (MinValueValidator(1),)


@register_setting(icon="time")
class SendingLimits(BaseSiteSetting):
    """Frequency cap and quiet hours of one site, for commercial mail. What is empty falls back to the settings of the
    installation.
    """

    most_a_day = models.PositiveSmallIntegerField(
        _("most e-mails in a day"), null=True, blank=True, validators=AT_LEAST_ONE
    )
    most_a_week = models.PositiveSmallIntegerField(
        _("most e-mails in a week"), null=True, blank=True, validators=AT_LEAST_ONE
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    hold_hours = models.PositiveSmallIntegerField(
        _("hold back for at most (hours)"),
        null=True,
        blank=True,
        validators=AT_LEAST_ONE,
        help_text=_(
            "An e-mail that can’t go within so many hours after it was queued is skipped. A step may say otherwise."
        ),
    )

    panels = [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("most_a_day"), FieldPanel("most_a_week")])],
            heading=_("Frequency cap"),
            help_text=_(
                "How many commercial e-mails one contact gets within 24 hours and within seven days. Where there is"
                " room for one and several wait, that of the scenario with the higher priority goes."
            ),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("quiet_from"), FieldPanel("quiet_until")])],
            heading=_("Quiet hours"),
            help_text=_(
                "No commercial e-mail leaves between these times, on the clock of the contact, or of the site where the"
                " contact’s time zone isn’t known."
            ),
        ),
        FieldPanel("hold_hours"),
    ]

    class Meta:
        verbose_name = _("limits for each contact")
        verbose_name_plural = _("limits for each contact")

    def __str__(self) -> str:
        return str(self.site)

    def clean(self) -> None:
        if (self.quiet_from is None) != (self.quiet_until is None):
            missing = "quiet_from" if self.quiet_from is None else "quiet_until"
            raise ValidationError({missing: _("Quiet hours need both times.")})
