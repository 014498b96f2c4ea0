"""The page of what needs attention, and its place in the menu."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from wagtail_flows.attention.asking import count_for, findings_for, may_ask
from wagtail_flows.lib.admin_columns import BAD, QUIET, WARNING
from wagtail_flows.lib.attention import Finding, Severity


LABEL = _("Needs attention")
HEADINGS = {
    Severity.BROKEN: _("Something stands still"),
    Severity.WARNING: _("Somebody should look soon"),
    Severity.NOTE: _("Good to know"),
}
TONES = {Severity.BROKEN: BAD, Severity.WARNING: WARNING, Severity.NOTE: QUIET}


class AttentionMenuItem(MenuItem):
    """Says how many things aren't well."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_ask(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        component = super().render_component(request)
        count = count_for(request.user)
        if count:
            component.label = gettext("Needs attention (%(count)s)") % {"count": count}
        return component


class AttentionView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "wagtail_flows/admin/attention.html"
    page_title = LABEL
    header_icon = "warning"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_ask(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": LABEL}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = [
            (HEADINGS[severity], TONES[severity], list(found))
            for severity, found in groupby(findings_for(self.request.user), key=_severity)
        ]
        return {**super().get_context_data(**kwargs), "groups": groups}


def _severity(finding: Finding) -> Severity:
    return finding.severity


class AttentionViewSet(ViewSet):
    name = "flows_attention"
    url_prefix = "flows/attention"
    icon = "warning"
    menu_label = LABEL
    menu_name = "flows-attention"
    menu_item_class = AttentionMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [path("", self.construct_view(AttentionView), name="index")]
