"""Where a warm-up stands today, on the page where it is set."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils import timezone
from wagtail.admin.panels import Panel

from wagtail_flows.lib import clock
from wagtail_flows.messages.delivery_models import Stream
from wagtail_flows.messages.rates.warming import today


class WarmUpPanel(Panel):
    """Today's cap, and how many of it are used."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_flows/messages/warm_up_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            day = today(clock.now(), timezone.get_default_timezone())
            plan = self.instance.warm_up()
            days = apps.get_model("wagtail_flows", "SendingDay")._default_manager.filter(
                stream=Stream.COMMERCIAL, day=day
            )
            return {
                **super().get_context_data(parent_context),
                "plan": plan,
                "is_to_come": plan is not None and day < plan.starts_on,
                "cap": plan.cap(day) if plan else None,
                "used": days.values_list("count", flat=True).first() or 0,
            }
