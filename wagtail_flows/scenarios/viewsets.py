"""The admin of scenarios: a snippet with drafts, workflow and locking, and a page that shows how it is going."""

from __future__ import annotations

from typing import Any

import django_filters

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, NumberColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import CreateView, EditView, WorkflowActionView

from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_columns import label_column
from wagtail_flows.lib.admin_deletion import advise, register_use
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.lib.admin_snippets import FlowsSnippetIndexView, FlowsSnippetViewSet
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.forms import edit_handler
from wagtail_flows.scenarios.graph import read
from wagtail_flows.scenarios.import_view import ImportScenarioView
from wagtail_flows.scenarios.importing import draft_of
from wagtail_flows.scenarios.limits_form import LimitsForm, limits_now, limits_text
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.outline import Outline
from wagtail_flows.scenarios.plan import read_plan
from wagtail_flows.scenarios.plan_view import PlanView
from wagtail_flows.scenarios.prospect import is_worth_a_look
from wagtail_flows.scenarios.publication_model import Publication
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.scenarios.refusals import RefusalShownMixin
from wagtail_flows.scenarios.standing import count_overdue
from wagtail_flows.scenarios.state_views import (
    ArchiveForm,
    ArchiveView,
    LimitsView,
    PauseView,
    RestoreView,
    ResumeForm,
    ResumeView,
)
from wagtail_flows.scenarios.states import TONES, StateColumn, state_banners, state_in_listing, state_text
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


class ScenarioFilterSet(WagtailFilterSet):
    """Archived ones are left out where nobody asks for them."""

    archived = django_filters.ChoiceFilter(
        label=_("Archived"),
        choices=(("only", _("Only archived ones")), ("all", _("Archived ones too"))),
        empty_label=_("Without archived ones"),
        method="with_archived",
    )

    class Meta:
        model = Scenario
        fields = ("live", "is_paused")

    def with_archived(self, queryset: QuerySet[Scenario], name: str, value: str) -> QuerySet[Scenario]:
        return queryset.filter(archived_at__isnull=False) if value == "only" else queryset

    def filter_queryset(self, queryset: QuerySet[Scenario]) -> QuerySet[Scenario]:
        found: QuerySet[Scenario] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("archived") else found.filter(archived_at__isnull=True)


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
            .annotate(
                inside_count=inside,
                parked_count=parked,
                entered_count=Count("enrollments"),
                has_publication=Exists(Publication.objects.filter(scenario=OuterRef("pk"))),
            )
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
            StateColumn("state", TONES, label=_("Status"), accessor=state_in_listing),
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


class ScenarioCreateView(RefusalShownMixin, CreateView):
    """Says why publishing was refused."""


class ScenarioEditView(RefusalShownMixin, EditView):
    """Says why publishing was refused. What touches people is shown before it is published."""

    def publish_action(self) -> HttpResponseBase | None:
        draft = draft_of(self.object)
        if is_worth_a_look(self.object, read(draft.graph).graph, read_plan(draft.plan)[0]):
            messages.info(self.request, gettext("The draft is saved. Look at what publishing will do, then publish."))
            return redirect("flows_scenarios:plan", self.object.pk)
        response: HttpResponseBase | None = super().publish_action()
        return response


class ScenarioWorkflowActionView(RefusalShownMixin, WorkflowActionView):
    """Says why approving, which publishes, was refused."""


STATE_VIEWS: dict[str, type[ActionView]] = {
    "pause": PauseView,
    "resume": ResumeView,
    "limits": LimitsView,
    "archive": ArchiveView,
    "restore": RestoreView,
}


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
        names = {f"{name}_url_name": self.get_url_name(name) for name in STATE_VIEWS}
        return super().get_inspect_view_kwargs(**names, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            *(path(f"{name}/<int:pk>/", self.construct_view(view), name=name) for name, view in STATE_VIEWS.items()),
            path("versions/<int:pk>/", self.construct_view(VersionsView), name="versions"),
            path("compare/<int:pk>/", self.construct_view(CompareVersionsView), name="compare_versions"),
            path("plan/<int:pk>/", self.construct_view(PlanView), name="plan"),
            path("export/<int:pk>/", self.construct_view(ExportView), name="export"),
            path("import/", self.construct_view(ImportScenarioView), name="import_file"),
        ]


register_use(MailingList, scenarios_naming_list)
register_use(Segment, scenarios_naming_segment)
register_use(Property, scenarios_naming_property)
register_use(apps.get_model("wagtail_flows", "Message"), scenarios_naming_message)
register_use(apps.get_model("wagtail_flows", "WebhookEndpoint"), scenarios_naming_webhook)


advise(
    Scenario,
    _("What a published scenario did is kept with its versions. Archive it instead: then nobody comes in any more."),
)
