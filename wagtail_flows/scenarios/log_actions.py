"""What the history of a scenario may tell besides Wagtail's own entries."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter

from wagtail_flows.scenarios.brakes import brake_text
from wagtail_flows.scenarios.plan import plan_words, read_plan


BRAKE_ACTION = "wagtail_flows.brake"
REFUSED_ACTION = "wagtail_flows.publish_refused"
PLAN_ACTION = "wagtail_flows.publish_plan"


class PublishRefused(LogFormatter):
    label = gettext_lazy("Refuse to publish")

    def format_message(self, log_entry: Any) -> str:
        problems = " ".join(str(problem["text"]) for problem in log_entry.data.get("problems", ()))
        return _("The scheduled publishing was refused and its schedule taken back. %(problems)s") % {
            "problems": problems
        }


class Braked(LogFormatter):
    label = gettext_lazy("Brake")

    def format_message(self, log_entry: Any) -> str:
        told = brake_text(log_entry.data.get("brake", ""), log_entry.data.get("numbers", {}))
        return _("A brake paused the scenario. %(reason)s") % {"reason": told}


class PlanObeyed(LogFormatter):
    label = gettext_lazy("Publish plan")

    def format_message(self, log_entry: Any) -> str:
        plan, _problems = read_plan(log_entry.data.get("plan", {}))
        return " ".join(plan_words(plan))


@hooks.register("register_log_actions")
def register(actions: LogActionRegistry) -> None:
    """Make them known to Wagtail."""
    actions.register_action(REFUSED_ACTION)(PublishRefused)
    actions.register_action(BRAKE_ACTION)(Braked)
    actions.register_action(PLAN_ACTION)(PlanObeyed)
