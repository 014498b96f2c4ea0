"""The page of one delivery, and what a person can say about a doubtful one."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.delivery_words import channel_of, reason_of, scenario_of
from wagtail_flows.messages.doubts import doubt_about
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.reconciling import settle


Status = Delivery.Status


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
