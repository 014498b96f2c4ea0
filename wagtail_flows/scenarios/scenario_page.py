"""The page of one scenario: how it is going, what is wrong with what runs, and what can be done with it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button

from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import Action
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.limits_form import LimitsForm, limits_now, limits_text
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.outline import Outline
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.scenarios.standing import count_overdue
from wagtail_flows.scenarios.state_views import ArchiveForm, ResumeForm
from wagtail_flows.scenarios.states import state_banners, state_text


# So many problems of what runs are told one by one.
MOST_PROBLEMS = 5


def broken_banners(scenario: Scenario) -> list[Banner]:
    """What has become wrong with what runs since it was published: an e-mail that was unpublished, a segment that can't
    be asked any more.
    """
    if scenario.current_version is None or not scenario.live:
        return []
    found = problems_of(scenario.current_version.graph, {})
    told = [Banner(_located(problem), "warning" if problem.is_warning else "critical") for problem in found]
    more = len(told) - MOST_PROBLEMS
    if more > 0:
        text = ngettext(
            "%(count)d more problem: open the form to see it.",
            "%(count)d more problems: open the form to see them.",
            more,
        )
        return [*told[:MOST_PROBLEMS], Banner(text % {"count": more}, "warning")]
    return told


def _located(problem: Problem) -> str:
    if not problem.step:
        return problem.text
    return gettext("Step “%(step)s”: %(problem)s") % {"step": problem.step, "problem": problem.text}


class ScenarioInspectView(FlowsInspectView):
    pause_url_name = ""
    resume_url_name = ""
    limits_url_name = ""
    archive_url_name = ""
    restore_url_name = ""

    def get_banners(self) -> list[Banner]:
        return [*state_banners(self.object), *broken_banners(self.object)]

    def get_actions(self) -> list[Action]:
        if not self.user_has_permission("publish"):
            return []
        away = self._restore() if self.object.archived_at else self._archive()
        return [self._resume() if self.object.is_paused else self._pause(), self._limits(), away]

    def _limits(self) -> Action:
        url = reverse(self.limits_url_name, args=[self.object.pk])
        told = _("They hold at once. A scenario that goes beyond them is paused, until somebody has looked.")
        return Action(_("Set limits"), url, told, LimitsForm(initial=limits_now(self.object)))

    def _pause(self) -> Action:
        url = reverse(self.pause_url_name, args=[self.object.pk])
        return Action(_("Pause"), url, _("Everybody inside stays where they are, and nothing is sent."))

    def _resume(self) -> Action:
        url = reverse(self.resume_url_name, args=[self.object.pk])
        overdue = count_overdue(self.object, clock.now())
        text = ngettext(
            "Everybody inside goes on from where they are. %(count)d person is overdue: how late each wait may be"
            " decides whether they go on.",
            "Everybody inside goes on from where they are. %(count)d people are overdue: how late each wait may be"
            " decides whether they go on.",
            overdue,
        )
        return Action(_("Resume"), url, text % {"count": overdue}, ResumeForm())

    def _archive(self) -> Action:
        text = _("Nobody comes in any more, and it isn’t listed. Its graph and its history are kept.")
        return Action(_("Archive"), reverse(self.archive_url_name, args=[self.object.pk]), text, ArchiveForm())

    def _restore(self) -> Action:
        text = _("It is a draft again, and runs once it is published.")
        return Action(_("Restore"), reverse(self.restore_url_name, args=[self.object.pk]), text)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        versions, export = (
            reverse(f"flows_scenarios:{name}", args=[self.object.pk]) for name in ("versions", "export")
        )
        return [
            *super().header_more_buttons,
            Button(_("Versions"), url=versions, icon_name="history", priority=30),
            Button(_("Export"), url=export, icon_name="download", priority=40),
        ]

    def get_own_sections(self) -> list[Section]:
        """What runs, in words: of the published version, whatever the draft says meanwhile."""
        version = self.object.current_version
        outline = Outline(version.graph) if version else None
        return [Section("outline", gettext("What runs"), "flows", gettext("Nothing was published yet."), outline)]

    def get_field_label(self, field_name: str, field: object) -> str:
        labels = {
            "state": gettext("Status"),
            "limits": gettext("Limits"),
            "current_version": gettext("Version"),
            "public_id": gettext("Identifier"),
            "published_at": gettext("Published at"),
        }
        return labels.get(field_name) or super().get_field_label(field_name, field)

    def get_state_display_value(self) -> str:
        return state_text(self.object)

    def get_limits_display_value(self) -> str:
        return limits_text(self.object)

    def get_current_version_display_value(self) -> int | None:
        version = self.object.current_version
        return version.number if version else None

    def get_published_at_display_value(self) -> object:
        version = self.object.current_version
        return version.published_at if version else None
