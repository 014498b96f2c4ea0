from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class WagtailFlowsConfig(AppConfig):
    name = "wagtail_flows"
    label = "wagtail_flows"
    verbose_name = _("Flows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_flows import checks  # noqa: F401
        from wagtail_flows.contacts import event_kinds  # noqa: F401
        from wagtail_flows.engine import registration as engine
        from wagtail_flows.messages import registration as messages
        from wagtail_flows.segments import registration as segments
        from wagtail_flows.shop import registration as shop

        for room in (segments, messages, engine, shop):
            room.register()

        if apps.is_installed("wagtail.contrib.forms"):
            from wagtail_flows.forms import checks as form_checks  # noqa: F401
