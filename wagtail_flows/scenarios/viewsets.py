"""The admin of scenarios: a snippet with drafts, workflow and locking, and a page that shows how it is going."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, NumberColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import CreateView, EditView, WorkflowActionView

from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_columns import BAD, BUSY, GOOD, QUIET, StatusColumn, label_column
from wagtail_flows.lib.admin_deletion import advise, register_use
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.lib.admin_snippets import FlowsSnippetIndexView, FlowsSnippetViewSet
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.brakes import brake_text
from wagtail_flows.scenarios.forms import edit_handler
from wagtail_flows.scenarios.import_view import ImportScenarioView
from wagtail_flows.scenarios.limits_form import LimitsForm, limits_now, limits_text, set_limits
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.outline import Outline
from wagtail_flows.scenarios.pausing import pause, resume
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.scenarios.refusals import RefusalShownMixin
from wagtail_flows.scenarios.usage import (
    scenarios_naming_list,
    scenarios_naming_message,
    scenarios_naming_property,
    scenarios_naming_segment,
    scenarios_naming_webhook,
)
from wagtail_flows.scenarios.version_views import CompareVersionsView, ExportView, VersionsView
from wagtail_flows.segments.models import Segment


# So many problems of what runs are told one by one.
MOST_PROBLEMS = 5
STATE_TONES = {"live": GOOD, "paused": BUSY, "braked": BAD, "draft": QUIET}


def state_text(scenario: Scenario) -> str:
    """Live, paused or draft, and whether changes wait to be published."""
    if not scenario.live:
        return gettext("not published")
    told = gettext("live")
    if scenario.is_paused:
        told = gettext("paused by a brake") if scenario.brake else gettext("paused")
    return gettext("%(state)s, changes not published") % {"state": told} if scenario.has_unpublished_changes else told


class StateColumn(StatusColumn):
    """Live and paused are told apart by more than one field."""

    def get_cell_context_data(self, instance: Scenario, parent_context: Any) -> dict[str, Any]:
        paused = "braked" if instance.brake else "paused"
        instance.state = "draft" if not instance.live else paused if instance.is_paused else "live"
        return super().get_cell_context_data(instance, parent_context)


class ScenarioFilterSet(WagtailFilterSet):
    class Meta:
        model = Scenario
        fields = ("live", "is_paused")


class ScenarioIndexView(FlowsSnippetIndexView):
    default_ordering = "name"
    empty_text = _(
        "A scenario sends the right e-mail at the right time: a welcome, or a review request after delivery."
    )

    def get_base_queryset(self) -> QuerySet[Scenario]:
        inside = Count("enrollments", filter=Q(enrollments__status__in=("active", "parked")))
        parked = Count("enrollments", filter=Q(enrollments__status="parked"))
        counted = (
            super()
            .get_base_queryset()
            .annotate(inside_count=inside, parked_count=parked, entered_count=Count("enrollments"))
        )
        return counted.select_related("current_version")

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = list(super().header_more_buttons)
        if self.user_has_any_permission(["add", "change"]):
            url = reverse("flows_scenarios:import_file")
            buttons.append(Button(_("Import"), url=url, icon_name="upload", priority=40))
        return buttons

    @cached_property
    def list_display(self) -> list[str | Column]:
        return [
            "name",
            StateColumn("state", STATE_TONES, label=_("Status"), accessor=state_text),
            NumberColumn("inside_count", label=_("Inside"), sort_key="inside_count"),
            NumberColumn("parked_count", label=_("Need attention"), sort_key="parked_count"),
            NumberColumn("entered_count", label=_("Ever entered"), sort_key="entered_count"),
            label_column("current_version.number", _("Version")),
            UpdatedAtColumn(),
        ]


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

    def get_banners(self) -> list[Banner]:
        return [*self._state_banners(), *broken_banners(self.object)]

    def _state_banners(self) -> list[Banner]:
        if self.object.is_paused and self.object.brake:
            return [Banner(self._braked(), "critical")]
        if self.object.is_paused:
            return [
                Banner(gettext("Paused: nobody inside moves on, and nothing is sent. People still come in."), "warning")
            ]
        if not self.object.live:
            return [Banner(gettext("Not published: nobody comes in."))]
        return []

    def _braked(self) -> str:
        reason = brake_text(self.object.brake, self.object.brake_numbers)
        told = gettext("A brake paused this scenario: nobody inside moves on, and nothing is sent. %(reason)s") % {
            "reason": reason
        }
        return f"{told} {gettext('Look at what it sent, correct it, then resume it.')}"

    def get_actions(self) -> list[Action]:
        if not self.user_has_permission("publish"):
            return []
        return [self._pause_or_resume(), self._limits()]

    def _pause_or_resume(self) -> Action:
        if self.object.is_paused:
            url = reverse(self.resume_url_name, args=[self.object.pk])
            return Action(_("Resume"), url, _("Everybody inside goes on from where they are."))
        url = reverse(self.pause_url_name, args=[self.object.pk])
        return Action(_("Pause"), url, _("Everybody inside stays where they are, and nothing is sent."))

    def _limits(self) -> Action:
        url = reverse(self.limits_url_name, args=[self.object.pk])
        told = _("They hold at once. A scenario that goes beyond them is paused, until somebody has looked.")
        return Action(_("Set limits"), url, told, LimitsForm(initial=limits_now(self.object)))

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


class PauseView(ActionView):
    """Holding back and letting go is as weighty as publishing: it needs the same permission."""

    model = Scenario
    permission_required = "publish"
    log_action = "wagtail_flows.pause"

    def act(self, data: dict[str, Any]) -> str:
        pause(self.object)
        return gettext("“%(scenario)s” is paused.") % {"scenario": self.object}


class ResumeView(ActionView):
    model = Scenario
    permission_required = "publish"
    log_action = "wagtail_flows.resume"

    def act(self, data: dict[str, Any]) -> str:
        resume(self.object)
        return gettext("“%(scenario)s” goes on.") % {"scenario": self.object}


class LimitsView(ActionView):
    """Limits hold at once, so setting them is as weighty as publishing."""

    model = Scenario
    permission_required = "publish"
    form_class = LimitsForm
    log_action = "wagtail_flows.set_limits"

    def act(self, data: dict[str, Any]) -> str:
        set_limits(self.object, data)
        return gettext("The limits of “%(scenario)s” hold from now on.") % {"scenario": self.object}


class ScenarioCreateView(RefusalShownMixin, CreateView):
    """Says why publishing was refused."""


class ScenarioEditView(RefusalShownMixin, EditView):
    """Says why publishing was refused."""


class ScenarioWorkflowActionView(RefusalShownMixin, WorkflowActionView):
    """Says why approving, which publishes, was refused."""


class ScenarioViewSet(FlowsSnippetViewSet):
    model = Scenario
    icon = "flows"
    slug = "scenarios"
    index_view_class = ScenarioIndexView
    inspect_view_class = ScenarioInspectView
    add_view_class = ScenarioCreateView
    edit_view_class = ScenarioEditView
    workflow_action_view_class = ScenarioWorkflowActionView
    edit_handler = edit_handler
    inspect_view_fields = ("name", "state", "limits", "current_version", "published_at", "created_at", "public_id")
    filterset_class = ScenarioFilterSet
    search_fields = ("name",)
    copy_view_enabled = False

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = {f"{name}_url_name": self.get_url_name(name) for name in ("pause", "resume", "limits")}
        return super().get_inspect_view_kwargs(**names, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("pause/<int:pk>/", self.construct_view(PauseView), name="pause"),
            path("resume/<int:pk>/", self.construct_view(ResumeView), name="resume"),
            path("versions/<int:pk>/", self.construct_view(VersionsView), name="versions"),
            path("compare/<int:pk>/", self.construct_view(CompareVersionsView), name="compare_versions"),
            path("export/<int:pk>/", self.construct_view(ExportView), name="export"),
            path("import/", self.construct_view(ImportScenarioView), name="import_file"),
            path("limits/<int:pk>/", self.construct_view(LimitsView), name="limits"),
        ]


register_use(MailingList, scenarios_naming_list)
register_use(Segment, scenarios_naming_segment)
register_use(Property, scenarios_naming_property)
register_use(apps.get_model("wagtail_flows", "Message"), scenarios_naming_message)
register_use(apps.get_model("wagtail_flows", "WebhookEndpoint"), scenarios_naming_webhook)


advise(
    Scenario,
    _("What a published scenario did is kept with its versions. Unpublish it instead: then nobody comes in any more."),
)
