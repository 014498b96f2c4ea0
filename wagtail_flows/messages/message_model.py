"""Message: the e-mail designed in Wagtail."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)
from wagtail.search import index

from wagtail_flows.messages.blocks import BodyBlock
from wagtail_flows.messages.delivery_models import Basis, Stream
from wagtail_flows.messages.message_form import MessageForm
from wagtail_flows.messages.preview import HTML, TEXT, preview_response
from wagtail_flows.messages.problems_panel import ProblemsPanel


class Message(
    PreviewableMixin,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    index.Indexed,
    ClusterableModel,
):
    """What is sent is what was published last. Scenarios name its `translation_key`: its translations are one message.

    Made in code it isn't live until it is published: `message.save_revision().publish()`.
    """

    live = models.BooleanField(_("live"), default=False, editable=False)
    name = models.CharField(_("name"), max_length=150, help_text=_("Seen in the admin only."))
    stream = models.CharField(_("stream"), max_length=14, choices=Stream.choices, default=Stream.COMMERCIAL)
    basis = models.CharField(
        _("legal basis"),
        max_length=20,
        choices=Basis.choices,
        default=Basis.SUBSCRIPTION,
        help_text=_("Why you may write: checked for each person just before sending."),
    )
    asks_for_review = models.BooleanField(
        _("asks for a review"),
        default=False,
        help_text=_("It is then never sent to contacts marked “never ask for a review”."),
    )
    sender_name = models.CharField(
        _("sender name"), max_length=120, blank=True, help_text=_("Without it the site's sender name is used.")
    )
    subject = models.CharField(
        _("subject"), max_length=250, help_text=_("May contain variables, such as {{ contact.first_name }}.")
    )
    preheader = models.CharField(
        _("preview text"),
        max_length=250,
        blank=True,
        help_text=_("Shown after the subject in the list of many mail programs. May contain variables."),
    )
    body = StreamField(BodyBlock(), verbose_name=_("content"), blank=True)
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), auto_now_add=True)

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="flows_message",
        for_concrete_model=False,
    )
    revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="flows_message",
        for_concrete_model=False,
    )

    panels = [
        ProblemsPanel(heading=_("To be looked at")),
        FieldPanel("name"),
        MultiFieldPanel(
            [FieldPanel("subject"), FieldPanel("preheader"), FieldPanel("sender_name")], heading=_("Envelope")
        ),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldPanel("stream"), FieldPanel("basis"), FieldPanel("asks_for_review")], heading=_("Why you may write")
        ),
        HelpPanel(template="wagtail_flows/messages/variables_panel.html", heading=_("Variables")),
    ]
    base_form_class = MessageForm
    # A copy, such as a translation just begun, is a draft: it must not go out untranslated because its source is live.
    exclude_fields_in_copy = [
        "live",
        "has_unpublished_changes",
        "first_published_at",
        "last_published_at",
        "live_revision",
        "latest_revision",
        "go_live_at",
        "expire_at",
        "expired",
        "locked",
        "locked_at",
        "locked_by",
        "created_at",
    ]

    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("subject"),
        index.SearchField("body"),
        index.FilterField("stream"),
        index.FilterField("locale"),
        index.FilterField("translation_key"),
        index.FilterField("live"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [(HTML, _("HTML")), (TEXT, _("Plain text"))]

    @property
    def preview_sizes(self) -> list[dict[str, Any]]:
        return [
            {"name": "phone", "icon": "mobile-alt", "device_width": 390, "label": _("Preview as on a phone")},
            {"name": "desktop", "icon": "desktop", "device_width": 700, "label": _("Preview as on a computer")},
        ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        return preview_response(self, request, mode_name)
