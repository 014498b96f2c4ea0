"""The admin of e-mails: a snippet with drafts, previews, translations, workflow and locking."""

from __future__ import annotations

from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, LocaleColumn, UpdatedAtColumn

from wagtail_flows.lib.admin_snippets import FlowsSnippetIndexView, FlowsSnippetViewSet
from wagtail_flows.messages.message_model import Message


class MessageFilterSet(WagtailFilterSet):
    class Meta:
        model = Message
        fields = ("live", "stream", "basis", "asks_for_review")


class MessageIndexView(FlowsSnippetIndexView):
    empty_text = _("E-mails are written here once, and sent by the scenarios that name them.")

    def get_title_url(self, instance: Model) -> str | None:
        return self.get_edit_url(instance) or self.get_inspect_url(instance)

    @cached_property
    def list_display(self) -> list[str | Column]:
        locale = [LocaleColumn()] if self.i18n_enabled else []
        return ["name", "subject", *locale, "stream", LiveStatusTagColumn(), UpdatedAtColumn()]


class MessageViewSet(FlowsSnippetViewSet):
    model = Message
    icon = "mail"
    slug = "messages"
    index_view_class = MessageIndexView
    inspect_view_fields = (
        "name",
        "subject",
        "preheader",
        "sender_name",
        "stream",
        "basis",
        "asks_for_review",
        "live",
        "first_published_at",
        "last_published_at",
    )
    filterset_class = MessageFilterSet
    search_fields = ("name", "subject")
