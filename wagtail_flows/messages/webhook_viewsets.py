"""The admin of webhook endpoints. The secret is shown once, in the answer to the request that makes it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.log_actions import log

from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_columns import label_column
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_viewsets import FlowsViewSet
from wagtail_flows.messages.webhook_model import WebhookEndpoint


class WebhookEndpointIndexView(FlowsIndexView):
    default_ordering = "name"
    empty_text = _("An address that scenarios call: another system hears at once who did what. Make one, then name it.")

    def get_base_queryset(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.defer("secret", "previous_secret")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("name"),
            label_column("url", _("Address")),
            BooleanColumn("is_active", label=pgettext_lazy("webhook", "Active"), sort_key="is_active"),
            BooleanColumn("is_repeat_safe", label=_("Repeated in doubt"), sort_key="is_repeat_safe"),
            DateColumn("created_at", label=_("Created"), sort_key="created_at"),
        ]


class WebhookEndpointInspectView(FlowsInspectView):
    renew_url_name = ""

    def get_banners(self) -> list[Banner]:
        if not self.object.is_active:
            return [Banner(gettext("Not active: its calls are skipped."), "warning")]
        if self.object.secret_made_at is None:
            told = gettext("Nobody has seen the secret of this endpoint yet. Make one, and enter it at the receiver.")
            return [Banner(told)]
        return []

    def get_actions(self) -> list[Action]:
        if not self.user_has_permission("change"):
            return []
        url = reverse(self.renew_url_name, args=[self.object.pk])
        told = _("It is shown once. The one before is valid for another day.")
        return [Action(_("Make a new secret"), url, told)]

    def get_field_label(self, field_name: str, field: object) -> str:
        return gettext("Identifier") if field_name == "public_id" else super().get_field_label(field_name, field)


class RenewSecretView(ActionView):
    """Answers the POST itself, so that the secret stands in no address, no session and no message."""

    model = WebhookEndpoint
    log_action = "wagtail_flows.renew_secret"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        secret = self.object.renew_secret(clock.real_now())
        log(self.object, self.log_action, user=request.user)
        context = {"object": self.object, "secret": secret, "back_url": self.get_return_url()}
        # Wagtail forbids keeping any page of the admin, so this one is in no cache either.
        return TemplateResponse(request, "wagtail_flows/admin/secret.html", context)


class WebhookEndpointViewSet(FlowsViewSet):
    model = WebhookEndpoint
    slug = "webhook_endpoints"
    icon = "flows-webhook"
    index_view_class = WebhookEndpointIndexView
    inspect_view_class = WebhookEndpointInspectView
    search_fields = ("name", "url")
    inspect_view_fields = (
        "name",
        "url",
        "public_id",
        "is_active",
        "is_repeat_safe",
        "secret_made_at",
        "created_at",
    )
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("url"), FieldPanel("is_active"), FieldPanel("is_repeat_safe")]
    )

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_inspect_view_kwargs(renew_url_name=self.get_url_name("renew"), **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        renew = path("renew/<int:pk>/", self.action(RenewSecretView), name="renew")
        return [*super().get_urlpatterns(), renew]
