"""The admin of deliveries: what became of each copy, and why. Nothing here sends anything."""

from __future__ import annotations

from typing import Any

import django_filters

from django.apps import apps
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_columns import (
    BAD,
    BUSY,
    GOOD,
    QUIET,
    WARNING,
    LinkColumn,
    MomentColumn,
    StatusColumn,
    label_column,
)
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.admin_sections import Section, register, table_section
from wagtail_flows.lib.admin_viewsets import ReadOnlyViewSet
from wagtail_flows.messages import reasons
from wagtail_flows.messages.channels import port
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.doubts import doubt_about
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.orphans import channel_choices
from wagtail_flows.messages.reconciling import settle


Status = Delivery.Status
TONES = {
    Status.QUEUED: BUSY,
    Status.SENDING: BUSY,
    Status.SENT: GOOD,
    Status.FAILED: BAD,
    Status.SKIPPED: QUIET,
    Status.UNCERTAIN: WARNING,
}


def scenarios(request: HttpRequest) -> QuerySet[Model]:
    """By name: the room of scenarios is a sibling that this one doesn't import."""
    return apps.get_model("wagtail_flows", "Scenario")._default_manager.all()


def messages() -> list[tuple[str, str]]:
    """Key and name of each message, once for all its translations."""
    named = Message.objects.order_by("name", "-pk").values_list("translation_key", "name")
    return list({str(key): (str(key), name) for key, name in named}.values())


def scenario_of(delivery: Delivery) -> Model | None:
    return delivery.visit.enrollment.scenario if delivery.visit else None


def channel_of(delivery: Delivery) -> str:
    return port.label(delivery.channel)


def reason_of(delivery: Delivery) -> str:
    return reasons.label(delivery.reason)


class DeliveryFilterSet(WagtailFilterSet):
    scenario = django_filters.ModelChoiceFilter(
        field_name="visit__enrollment__scenario", queryset=scenarios, label=_("Scenario")
    )
    message_key = django_filters.ChoiceFilter(choices=messages, label=_("E-mail"))
    channel = django_filters.ChoiceFilter(choices=channel_choices, label=_("Channel"))
    reason = django_filters.ChoiceFilter(choices=reasons.choices, label=_("Reason"))
    queued_at = django_filters.DateFromToRangeFilter(label=_("Queued"), widget=DateRangePickerWidget)

    class Meta:
        model = Delivery
        fields = ("status", "stream", "kind", "mailing_list")


class DeliveryIndexView(FlowsIndexView):
    default_ordering = "-queued_at"
    empty_text = _(
        "Every e-mail, SMS, call and notice that is sent, or held back, stands here with what became of it and why."
    )

    def get_base_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.select_related("contact", "visit__enrollment__scenario").defer("context", "error")

    @cached_property
    def message_names(self) -> dict[Any, str]:
        return dict(Message.objects.order_by("-pk").values_list("translation_key", "name"))

    def what(self, delivery: Delivery) -> str:
        name = self.message_names.get(delivery.message_key) if delivery.message_key else None
        return delivery.rendered_subject or name or _kind_of(delivery)

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("address"),
            Column("what", label=_("What"), accessor=self.what),
            Column("channel", label=_("Channel"), accessor=channel_of, sort_key="channel"),
            StatusColumn("status", TONES, label=_("Status"), sort_key="status"),
            label_column("reason", _("Reason"), accessor=reason_of),
            LinkColumn("scenario", self.request.user, label=_("Scenario"), accessor=scenario_of),
            DateColumn("queued_at", label=_("Queued"), sort_key="queued_at"),
            DateColumn("ended_at", label=_("Ended"), sort_key="ended_at"),
        ]

    def to_row_dict(self, item: Delivery) -> dict[str, Any]:
        return {**super().to_row_dict(item), "reason": reason_of(item)}

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "banner": self.doubt(), "banner_url": self.doubt_url()}

    def doubt(self) -> str:
        """A sentence about the e-mails that a person must look at; empty where there are none."""
        count = Delivery.objects.filter(status=Status.UNCERTAIN).count()
        if not count:
            return ""
        return ngettext(
            "Of %(count)s delivery nobody knows whether it was sent. It is not sent again by itself.",
            "Of %(count)s deliveries nobody knows whether they were sent. They are not sent again by themselves.",
            count,
        ) % {"count": count}

    def doubt_url(self) -> str:
        return f"{self.index_url}?status={Status.UNCERTAIN}"


class DeliveryInspectView(FlowsInspectView):
    sent_url_name = ""
    not_sent_url_name = ""

    def get_banners(self) -> list[Banner]:
        if self.object.status != Status.UNCERTAIN:
            return []
        return [Banner(doubt_about(self.object), "warning")]

    def get_actions(self) -> list[Action]:
        if self.object.status != Status.UNCERTAIN or not self.user_has_permission("change"):
            return []
        sent, not_sent = (reverse(name, args=[self.object.pk]) for name in (self.sent_url_name, self.not_sent_url_name))
        return [
            Action(_("Mark as sent"), sent, _("Whoever was to take it has it.")),
            Action(_("Mark as not sent"), not_sent, _("It counts as failed, and isn't sent again.")),
        ]

    def get_field_label(self, field_name: str, field: object) -> str:
        labels = {"reason": gettext("Reason"), "scenario": gettext("Scenario"), "message": gettext("E-mail")}
        labels |= {"sending_at": gettext("Handed over at"), "provider_id": gettext("Id at the provider")}
        return labels.get(field_name) or super().get_field_label(field_name, field)

    def get_channel_display_value(self) -> str:
        return channel_of(self.object)

    def get_reason_display_value(self) -> str:
        return reason_of(self.object)

    def get_scenario_display_value(self) -> Model | None:
        return scenario_of(self.object)

    def get_message_display_value(self) -> Message | None:
        """The translation in the language of this copy, or else any: all of them are one message."""
        if not self.object.message_key:
            return None
        known = list(Message.objects.filter(translation_key=self.object.message_key).select_related("locale"))
        wanted = [message for message in known if message.locale.language_code == self.object.locale]
        return next(iter([*wanted, *known]), None)


class SettleView(ActionView):
    model = Delivery
    was_sent = True
    log_action = "wagtail_flows.delivery_marked_sent"

    def act(self, data: dict[str, Any]) -> str:
        settle(self.object, was_sent=self.was_sent, now=clock.now())
        return gettext("Marked as sent.") if self.was_sent else gettext("Marked as not sent.")


class SettleAsNotSentView(SettleView):
    was_sent = False
    log_action = "wagtail_flows.delivery_marked_not_sent"


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
            LinkColumn("delivery", request.user, _subject, label=_("What"), accessor=lambda delivery: delivery),
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


def _subject(delivery: Delivery) -> str:
    return delivery.rendered_subject or _kind_of(delivery)


def _kind_of(delivery: Delivery) -> str:
    """What it is, before anybody knows what it says."""
    return channel_of(delivery) if delivery.kind == Delivery.Kind.DISPATCH else str(delivery.get_kind_display())


register(Contact, deliveries_of, order=20)
