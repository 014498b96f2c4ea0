"""What the history of a scenario may tell besides Wagtail's own entries."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter

from wagtail_flows.scenarios.brakes import brake_text


BRAKE_ACTION = "wagtail_flows.brake"
REFUSED_ACTION = "wagtail_flows.publish_refused"


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


@hooks.register("register_log_actions")
def register(actions: LogActionRegistry) -> None:
    """Make them known to Wagtail."""
    actions.register_action(REFUSED_ACTION)(PublishRefused)
    actions.register_action(BRAKE_ACTION)(Braked)
