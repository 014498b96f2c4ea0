"""Composition: what each room registers with the rooms below it, once Django has loaded the models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WagtailFlowsConfig(AppConfig):
    name = "wagtail_flows"
    label = "wagtail_flows"
    verbose_name = _("Flows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_flows import checks, runner  # noqa: F401
        from wagtail_flows.contacts import event_kinds  # noqa: F401
        from wagtail_flows.engine import registration as engine
        from wagtail_flows.lib import bell, json_tests
        from wagtail_flows.messages import registration as messages
        from wagtail_flows.messages.feedback import checks as feedback_checks  # noqa: F401
        from wagtail_flows.messages.sms import checks as sms_checks  # noqa: F401
        from wagtail_flows.scenarios import attention as scenarios
        from wagtail_flows.segments import registration as segments
        from wagtail_flows.shop import registration as shop

        json_tests.connect()
        for room in (segments, scenarios, messages, engine, shop, runner):
            room.register()
        bell.connect("wagtail_flows.tasks.ring")
        if apps.is_installed("wagtail.contrib.forms"):
            from wagtail_flows.forms import checks as form_checks  # noqa: F401
        if apps.is_installed("django_q"):
            from wagtail_flows.contrib.django_q2 import checks as django_q2_checks  # noqa: F401
            from wagtail_flows.contrib.django_q2.schedule import ensure_schedule

            post_migrate.connect(ensure_schedule, sender=self, dispatch_uid="wagtail_flows.django_q2")
        if apps.is_installed("anymail"):
            from wagtail_flows.messages.feedback import receiving

            receiving.connect()
        self._load_extensions()

    def _load_extensions(self) -> None:
        """Register what other packages bring: each function behind one of these hooks answers one kind."""
        from wagtail import hooks

        from wagtail_flows.events import kinds
        from wagtail_flows.messages.channels import port as channels
        from wagtail_flows.scenarios import registry
        from wagtail_flows.segments import compiling
        from wagtail_flows.shop.adapters import registry as adapters

        registers: dict[str, Callable[[Any], None]] = {
            "register_flows_event_kind": kinds.register,
            "register_flows_channel": channels.register,
            "register_flows_step": registry.register_step,
            "register_flows_trigger": registry.register_trigger,
            "register_flows_shop_adapter": adapters.register,
            "register_flows_segment_field": compiling.register,
        }
        for name, register in registers.items():
            for found in hooks.get_hooks(name):
                register(found())
