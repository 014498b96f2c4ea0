"""The admin of deliveries, and their part of a contact's page. Nothing here sends anything."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.admin_columns import LinkColumn, MomentColumn, StatusColumn, label_column
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.admin_sections import Section, register, table_section
from wagtail_flows.lib.admin_viewsets import ReadOnlyViewSet
from wagtail_flows.messages.delivery_listing import DeliveryFilterSet, DeliveryIndexView
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.delivery_page import DeliveryInspectView, SettleAsNotSentView, SettleView
from wagtail_flows.messages.delivery_words import TONES, channel_of, reason_of, scenario_of, subject_of


class DeliveryViewSet(ReadOnlyViewSet):
    model = Delivery
    slug = "deliveries"
    offered_permissions = ("view", "change")
    icon = "flows-delivery"
    index_view_class = DeliveryIndexView
    inspect_view_class = DeliveryInspectView
    index_results_template_name = "wagtail_flows/admin/deliveries_results.html"
    filterset_class = DeliveryFilterSet
    search_fields = ("address", "contact__address", "rendered_subject")
    list_export = (
        "address",
        "channel",
        "rendered_subject",
        "kind",
        "stream",
        "basis",
        "status",
        "reason",
        "locale",
        "queued_at",
        "ended_at",
    )
    export_filename = "deliveries"
    inspect_view_fields = (
        "contact",
        "channel",
        "address",
        "message",
        "rendered_subject",
        "scenario",
        "mailing_list",
        "status",
        "reason",
        "error",
        "attempts",
        "stream",
        "basis",
        "kind",
        "locale",
        "queued_at",
        "due_at",
        "sending_at",
        "ended_at",
        "provider_id",
    )

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = {f"{name}_url_name": self.get_url_name(name) for name in ("sent", "not_sent")}
        return super().get_inspect_view_kwargs(**names, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("sent/<int:pk>/", self.action(SettleView), name="sent"),
            path("not-sent/<int:pk>/", self.action(SettleAsNotSentView), name="not_sent"),
        ]


def deliveries_of(contact: Contact, request: HttpRequest) -> Section | None:
    """What was sent to a contact, on the contact's page."""
    if not may(request.user, Delivery):
        return None
    return table_section(
        "deliveries",
        gettext("Deliveries"),
        "flows-delivery",
        gettext("Nothing was sent to this contact yet."),
        columns=[
            LinkColumn("delivery", request.user, subject_of, label=_("What"), accessor=lambda delivery: delivery),
            label_column("channel", _("Channel"), accessor=channel_of),
            StatusColumn("status", TONES, label=_("Status")),
            label_column("reason", _("Reason"), accessor=reason_of),
            LinkColumn("scenario", request.user, label=_("Scenario"), accessor=scenario_of),
            MomentColumn("queued_at", label=_("Queued")),
            MomentColumn("ended_at", label=_("Ended")),
        ],
        rows=contact.deliveries.select_related("visit__enrollment__scenario").order_by("-queued_at", "-id"),
        more_url=f"{reverse('flows_deliveries:index')}?q={contact.address}",
    )


register(Contact, deliveries_of, order=20)
