"""The listing of deliveries, and its filter: what became of each copy, and why."""

from __future__ import annotations

from typing import Any

import django_filters

from django.apps import apps
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from wagtail_flows.lib.admin_columns import LinkColumn, StatusColumn, label_column
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.messages import reasons
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.delivery_words import TONES, channel_of, kind_of, reason_of, scenario_of
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.orphans import channel_choices


Status = Delivery.Status


def scenarios(request: HttpRequest) -> QuerySet[Model]:
    """By name: the room of scenarios is a sibling that this one doesn't import."""
    return apps.get_model("wagtail_flows", "Scenario")._default_manager.all()


def messages() -> list[tuple[str, str]]:
    """Key and name of each message, once for all its translations."""
    named = Message.objects.order_by("name", "-pk").values_list("translation_key", "name")
    return list({str(key): (str(key), name) for key, name in named}.values())


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
        return delivery.rendered_subject or name or kind_of(delivery)

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("address", width="30%"),
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
