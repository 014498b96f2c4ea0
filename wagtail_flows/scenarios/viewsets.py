"""The admin of scenarios: a snippet with drafts, workflow and locking."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.snippets.views.snippets import CreateView, EditView, WorkflowActionView

from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.lib.admin_actions import ActionView
from wagtail_flows.lib.admin_deletion import advise, register_use
from wagtail_flows.lib.admin_snippets import FlowsSnippetViewSet
from wagtail_flows.scenarios.forms import edit_handler
from wagtail_flows.scenarios.graph import read
from wagtail_flows.scenarios.import_view import ImportScenarioView
from wagtail_flows.scenarios.importing import draft_of
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.plan import read_plan
from wagtail_flows.scenarios.plan_view import PlanView
from wagtail_flows.scenarios.prospect import is_worth_a_look
from wagtail_flows.scenarios.refusals import RefusalShownMixin
from wagtail_flows.scenarios.scenario_listing import ScenarioFilterSet, ScenarioIndexView
from wagtail_flows.scenarios.scenario_page import ScenarioInspectView
from wagtail_flows.scenarios.state_views import ArchiveView, LimitsView, PauseView, RestoreView, ResumeView
from wagtail_flows.scenarios.usage import (
    scenarios_naming_list,
    scenarios_naming_message,
    scenarios_naming_property,
    scenarios_naming_segment,
    scenarios_naming_webhook,
)
from wagtail_flows.scenarios.version_views import CompareVersionsView, ExportView, VersionsView
from wagtail_flows.segments.models import Segment


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
