"""The form of a scenario in the admin: the graph as JSON, with its outline and its problems, until it can be drawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList, Panel, PublishingPanel

from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.json_text import BadJSON, read_json, write_json
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.outline import Outline
from wagtail_flows.scenarios.plan import plan_words, read_plan
from wagtail_flows.scenarios.problems import errors, located
from wagtail_flows.scenarios.publishing import problems_of


MAX_SHOWN = 20


class GraphTextarea(forms.Textarea):
    """For text in which every character counts."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"rows": 24, "spellcheck": "false", "autocomplete": "off", "class": "flows-graph-text", **(attrs or {})}
        )

    class Media:
        css = {"all": ["wagtail_flows/css/scenarios.css"]}


class GraphFormField(forms.JSONField):
    """JSON that says where it is wrong. What was typed is shown again as it was typed."""

    widget = GraphTextarea

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return {}
        if not isinstance(value, str):
            return value
        try:
            data = read_json(value)
        except BadJSON as error:
            raise ValidationError(str(error), code="invalid") from error
        return {} if data is None else data

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if self.disabled else InvalidJSONInput(data or "")

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, InvalidJSONInput) else write_json(value)


class ScenarioForm(WagtailAdminModelForm):
    """A draft is saved with whatever problems it has; to publish, submit or approve it, none may be left."""

    graph = GraphFormField(
        label=_("graph"),
        required=False,
        # A new scenario has no instance to take it from, and would show "null".
        initial=dict,
        help_text=_(
            "Publishing makes a new version of this. People who are inside finish the version they are in, unless you"
            " choose otherwise; what happens after publishing starts the new one."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if "graph" in cleaned:
            self.shown_graph = cleaned["graph"]
            if not self.is_deferred_validation and not self._only_ends_workflow():
                self._refuse_errors(cleaned["graph"])
        return cleaned

    def _only_ends_workflow(self) -> bool:
        """Whether the buttons pressed cancel or reject: a graph that went bad mustn't stand in the way of that."""
        is_rejected = self.data.get("workflow-action-name") == "reject"
        return "action-cancel-workflow" in self.data or ("action-workflow-action" in self.data and is_rejected)

    def _refuse_errors(self, graph: Any) -> None:
        found = [located(problem) for problem in errors(problems_of(graph, self.instance.plan))]
        if len(found) > MAX_SHOWN:
            more = len(found) - MAX_SHOWN
            text = ngettext("There is %(count)d more problem.", "There are %(count)d more problems.", more)
            found = [*found[:MAX_SHOWN], text % {"count": more}]
        if found:
            self.add_error("graph", [ValidationError(text, code="graph") for text in found])

    def graph_to_show(self) -> Any:
        """The graph of the outline: the one just sent, if it could be read, else the saved one."""
        return getattr(self, "shown_graph", self.instance.graph)


class OutlinePanel(Panel):
    """Shows the graph in sentences, with its problems."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_flows/scenarios/outline_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            outline = Outline(self.form.graph_to_show(), self.instance.plan)
            return {**super().get_context_data(parent_context), "outline": outline, "help_text": self.help_text}

        def is_shown(self) -> bool:
            return super().is_shown() and bool(self.form.graph_to_show())


class PlanPanel(Panel):
    """Says what publishing does to people, and leads to the page where that is chosen."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_flows/scenarios/plan_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            sentences = plan_words(read_plan(self.instance.plan)[0])
            url = reverse("flows_scenarios:plan", args=[self.instance.pk])
            return {**super().get_context_data(parent_context), "sentences": sentences, "url": url}

        def is_shown(self) -> bool:
            return super().is_shown() and self.instance.pk is not None


class NamesPanel(Panel):
    """Lists what a graph may name, with the identifiers to write."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_flows/scenarios/names_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "groups": catalogue.offered()}


edit_handler = ObjectList(
    [
        FieldPanel("name"),
        FieldPanel("graph", heading=_("Graph")),
        OutlinePanel(heading=_("In words"), help_text=_("As it was when this page was opened.")),
        NamesPanel(heading=_("What can be named"), classname="collapsed"),
        PlanPanel(heading=_("What publishing does to people"), icon="upload"),
        PublishingPanel(),
    ],
    base_form_class=ScenarioForm,
).bind_to_model(Scenario)
