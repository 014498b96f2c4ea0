"""The admin of e-mails: a snippet with drafts, previews, translations, workflow and locking."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, LocaleColumn, UpdatedAtColumn
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.utils.decorators import xframe_options_sameorigin_override

from wagtail_flows.lib.admin_inspect import FlowsInspectView
from wagtail_flows.lib.admin_policy import ANY
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.lib.admin_snippets import FlowsSnippetIndexView, FlowsSnippetViewSet
from wagtail_flows.messages.mail_counts import mail_counts
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.preview import HTML, preview_response


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


class FrameComponent(Component):
    """Another page of the admin, in a frame in which nothing can run."""

    template_name = "wagtail_flows/admin/frame.html"

    def __init__(self, url: str, title: str) -> None:
        self.context = {"url": url, "title": title}

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return self.context


class MessageInspectView(FlowsInspectView):
    sample_url_name = ""

    def get_own_sections(self) -> list[Section]:
        title = gettext("With the data of a made-up contact")
        frame = FrameComponent(reverse(self.sample_url_name, args=[self.object.pk]), title)
        counts = mail_counts(
            Delivery.objects.filter(message_key=self.object.translation_key),
            self.request,
            {"message_key": self.object.translation_key},
        )
        shown = Section("sample", gettext("Preview"), "view", "", frame)
        return [shown, counts] if counts else [shown]


@method_decorator(xframe_options_sameorigin_override, name="get")
class SampleView(PermissionCheckedMixin, BaseObjectMixin, View):
    """The message as it stands, with made-up data, for everyone who may read messages."""

    model = Message
    any_permission_required = ANY
    http_method_names = ("get",)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return preview_response(self.object, request, HTML)


class MessageViewSet(FlowsSnippetViewSet):
    model = Message
    icon = "mail"
    slug = "messages"
    index_view_class = MessageIndexView
    inspect_view_class = MessageInspectView
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

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_inspect_view_kwargs(sample_url_name=self.get_url_name("sample"), **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        sample = path("sample/<int:pk>/", self.construct_view(SampleView), name="sample")
        return [*super().get_urlpatterns(), sample]
