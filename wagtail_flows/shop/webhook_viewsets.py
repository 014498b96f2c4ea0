"""The admin of received webhooks: what a shop told, word for word, and what became of it."""

from __future__ import annotations

import json

from typing import Any

import django_filters

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn

from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_columns import BAD, BUSY, GOOD, QUIET, WARNING, StatusColumn, label_column
from wagtail_flows.lib.admin_inspect import FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.lib.admin_viewsets import ReadOnlyViewSet
from wagtail_flows.shop.applying import apply_webhook
from wagtail_flows.shop.models import ReceivedWebhook


Status = ReceivedWebhook.Status
TONES = {
    Status.RECEIVED: BUSY,
    Status.APPLIED: GOOD,
    Status.IGNORED: QUIET,
    Status.FAILED: BAD,
    Status.REFUSED: WARNING,
}
MOST_SHOWN = 200_000


class WebhookFilterSet(WagtailFilterSet):
    event = django_filters.AllValuesFilter(label=_("Event"))
    received_at = django_filters.DateFromToRangeFilter(label=_("Received"), widget=DateRangePickerWidget)

    class Meta:
        model = ReceivedWebhook
        fields = ("shop", "status")


class WebhookIndexView(FlowsIndexView):
    default_ordering = "-received_at"
    empty_text = _("Everything a connected shop tells stands here, word for word.")

    def get_base_queryset(self) -> QuerySet[ReceivedWebhook]:
        return ReceivedWebhook.objects.select_related("shop").defer("body", "headers")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("__str__"),
            label_column("shop", _("Shop")),
            StatusColumn("status", TONES, label=_("Status"), sort_key="status"),
            label_column("get_reason_display", _("Reason")),
            NumberColumn("repeats", label=_("Repeats"), sort_key="repeats"),
            NumberColumn("size", label=_("Bytes"), sort_key="size"),
            DateColumn("received_at", label=_("Received"), sort_key="received_at"),
        ]


class CodeComponent(Component):
    """Text as it is, escaped, in a box that scrolls."""

    template_name = "wagtail_flows/admin/code.html"

    def __init__(self, text: str, note: str = "") -> None:
        self.context = {"text": text, "note": note}

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return self.context


def pretty(body: bytes) -> str:
    """JSON indented where it is JSON; otherwise the text, with what isn't UTF-8 shown as a replacement mark."""
    text = body.decode("utf-8", errors="replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


class WebhookInspectView(FlowsInspectView):
    apply_url_name = ""

    def get_actions(self) -> list[Action]:
        has_body = bool(self.object.body)
        if not has_body or not self.user_has_permission("change"):
            return []
        url = reverse(self.apply_url_name, args=[self.object.pk])
        explanation = gettext("Reads it once more. What it told already isn't doubled.")
        return [Action(_("Apply again"), url, explanation)]

    def get_own_sections(self) -> list[Section]:
        headers = "\n".join(f"{name}: {value}" for name, value in sorted(self.object.headers.items()))
        return [
            Section(
                "body",
                gettext("Body"),
                "code",
                gettext("The body isn't kept, because the request was refused."),
                self.body(),
            ),
            Section("headers", gettext("Headers"), "list-ul", gettext("No headers were kept."), _code(headers)),
        ]

    def body(self) -> CodeComponent | None:
        text = pretty(bytes(self.object.body))
        if len(text) <= MOST_SHOWN:
            return _code(text)
        return CodeComponent(text[:MOST_SHOWN], gettext("Only the beginning is shown, because it is very long."))


def _code(text: str) -> CodeComponent | None:
    return CodeComponent(text) if text else None


class ApplyAgainView(ActionView):
    model = ReceivedWebhook
    log_action = "wagtail_flows.apply_webhook"
    # It has a transaction of its own, and keeps the reason where that fails.
    is_atomic = False

    def act(self, data: dict[str, Any]) -> str:
        applied = apply_webhook(self.object.pk)
        told = gettext("Applied again: %(status)s.") % {"status": applied.get_status_display()}
        return f"{told} {applied.get_reason_display()}".strip()


class ReceivedWebhookViewSet(ReadOnlyViewSet):
    model = ReceivedWebhook
    slug = "webhooks"
    offered_permissions = ("view", "change")
    icon = "flows-webhook"
    index_view_class = WebhookIndexView
    inspect_view_class = WebhookInspectView
    filterset_class = WebhookFilterSet
    search_fields = ("event", "reason", "digest")
    inspect_view_fields = (
        "shop",
        "event",
        "status",
        "reason",
        "received_at",
        "applied_at",
        "repeats",
        "attempts",
        "signature",
        "size",
        "digest",
    )

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_inspect_view_kwargs(apply_url_name=self.get_url_name("apply"), **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [*super().get_urlpatterns(), path("apply/<int:pk>/", self.action(ApplyAgainView), name="apply")]
