"""The admin of API keys. A secret is shown once, on the page that answers the form, and never again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView
from wagtail.log_actions import log

from wagtail_flows.api.keys import new_secret
from wagtail_flows.api.models import ApiKey
from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_columns import GOOD, QUIET, MomentColumn, StatusColumn, label_column
from wagtail_flows.lib.admin_inspect import FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_viewsets import FlowsViewSet


def scopes_text(key: ApiKey) -> str:
    """What it may, in words."""
    labels = dict(ApiKey.Scope.choices)
    return ", ".join(str(labels[scope]) for scope in key.scopes if scope in labels)


def state_text(key: ApiKey) -> str:
    return gettext("active") if key.is_active else gettext("switched off")


class ApiKeyForm(WagtailAdminModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("Allowed to"), choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple
    )


class ApiKeyIndexView(FlowsIndexView):
    default_ordering = "name"
    empty_text = _("A key lets a program of yours record events and start scenarios.")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("name"),
            label_column("prefix", _("Begins with")),
            label_column("scopes", _("Allowed to"), accessor=scopes_text),
            StatusColumn("is_active", {True: GOOD, False: QUIET}, label=_("Status"), accessor=state_text),
            MomentColumn("last_used_at", label=_("Last used"), sort_key="last_used_at"),
        ]


class ApiKeyInspectView(FlowsInspectView):
    def get_scopes_display_value(self) -> str:
        return scopes_text(self.object)


class AddApiKeyView(CreateView):
    """Answers with the secret itself: no redirect, so that it stands in no session and no address."""

    template_after = "wagtail_flows/admin/api_key.html"

    def form_valid(self, form: Any) -> HttpResponseBase:
        secret, prefix, secret_hash = new_secret()
        key: ApiKey = form.save(commit=False)
        key.prefix, key.secret_hash = prefix, secret_hash
        key.created_by, key.created_at = self.request.user, clock.now()
        key.save()
        log(key, "wagtail.create", user=self.request.user)
        self.object = key
        response = TemplateResponse(
            self.request,
            self.template_after,
            {
                "page_title": gettext("The new key"),
                "header_title": gettext("The new key"),
                "header_icon": "key",
                "breadcrumbs_items": [],
                "secret": secret,
                "key": key,
                "index_url": reverse("flows_api_keys:index"),
            },
        )
        response["Cache-Control"] = "no-store"
        return response


class ApiKeyViewSet(FlowsViewSet):
    model = ApiKey
    slug = "api_keys"
    icon = "key"
    index_view_class = ApiKeyIndexView
    inspect_view_class = ApiKeyInspectView
    add_view_class = AddApiKeyView
    search_fields = ("name", "prefix")
    inspect_view_fields = ("name", "prefix", "scopes", "is_active", "created_by", "created_at", "last_used_at")
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("scopes"), FieldPanel("is_active")], base_form_class=ApiKeyForm
    )
    menu_label = _("API keys")
