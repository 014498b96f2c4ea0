"""Pages about the versions of one scenario: which there are, what differs between two, and each as a text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, Table, TitleColumn
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_flows.lib.admin_columns import GOOD, QUIET, MomentColumn, StatusColumn, label_column
from wagtail_flows.lib.admin_policy import ANY
from wagtail_flows.scenarios.exchange import NotExportable, export
from wagtail_flows.scenarios.importing import changes_between, draft_of
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion


DRAFT = "draft"
VERSIONS_SHOWN = 200


class ScenarioPageView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page below that of a scenario, for who may see it."""

    model: type[Scenario] = Scenario
    any_permission_required: tuple[str, ...] | None = ANY
    header_icon = "history"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *WagtailAdminTemplateMixin.breadcrumbs_items,
            {"url": reverse("flows_scenarios:list"), "label": capfirst(Scenario._meta.verbose_name_plural)},
            {"url": reverse("flows_scenarios:inspect", args=[self.object.pk]), "label": str(self.object)},
            {"url": "", "label": self.get_page_title()},
        ]

    @cached_property
    def versions(self) -> QuerySet[ScenarioVersion]:
        """The newest first."""
        return self.object.versions.select_related("published_by").order_by("-number")


def choices_of(versions: QuerySet[ScenarioVersion]) -> list[tuple[str, str]]:
    """The draft and the newest versions, as they are chosen."""
    numbers = versions.values_list("number", flat=True)[:VERSIONS_SHOWN]
    told = gettext("version %(number)d")
    return [(DRAFT, gettext("the draft")), *((str(number), told % {"number": number}) for number in numbers)]


class CompareForm(forms.Form):
    """Which two."""

    before = forms.ChoiceField(label=_("From"), required=False)
    after = forms.ChoiceField(label=_("To"), required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("before", "after"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class VersionsView(ScenarioPageView):
    """Every version: when, by whom, how many people are in it."""

    template_name = "wagtail_flows/scenarios/versions.html"
    page_title = _("Versions")
    compare_url_name = "flows_scenarios:compare_versions"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        inside = Count("enrollments", filter=Q(enrollments__status__in=("active", "parked")))
        rows = list(self.versions.annotate(inside_count=inside, entered_count=Count("enrollments"))[:VERSIONS_SHOWN])
        for row in rows:
            row.is_current = row.pk == self.object.current_version_id and self.object.live  # type: ignore[attr-defined]
        columns = [
            TitleColumn("number", label=_("Version"), get_url=self.url_of),
            StatusColumn("is_current", {True: GOOD, False: QUIET}, label=_("Status"), accessor=_state),
            MomentColumn("published_at", label=_("Published at")),
            label_column("published_by", _("Published by")),
            Column("inside_count", label=_("Inside")),
            Column("entered_count", label=_("Ever entered")),
        ]
        return {
            **super().get_context_data(**kwargs),
            "table": Table(columns, rows, classname="listing flows-table") if rows else None,
            "form": CompareForm(choices=choices_of(self.versions), initial=defaults(self.object)),
            "compare_url": reverse(self.compare_url_name, args=[self.object.pk]),
        }

    def url_of(self, version: ScenarioVersion) -> str:
        """What it changed against the one before."""
        url = reverse(self.compare_url_name, args=[self.object.pk])
        return f"{url}?before={max(version.number - 1, 1)}&after={version.number}"


def _state(version: ScenarioVersion) -> str:
    return gettext("live") if version.is_current else ""  # type: ignore[attr-defined]


def defaults(scenario: Scenario) -> dict[str, str]:
    """What people mostly want to see: what the draft changes."""
    version = scenario.current_version
    return {"before": str(version.number) if version is not None else DRAFT, "after": DRAFT}


class CompareVersionsView(ScenarioPageView):
    """GET ?before=3&after=draft: what differs, in words."""

    template_name = "wagtail_flows/scenarios/compare.html"
    page_title = _("Compare")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *parents, last = super().get_breadcrumbs_items()
        url = reverse("flows_scenarios:versions", args=[self.object.pk])
        return [*parents, {"url": url, "label": gettext("Versions")}, last]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        choices = choices_of(self.versions)
        form = CompareForm(self.asked(), choices=choices)
        changes = None
        if form.is_valid():
            before, after = (self.graph_of(form.cleaned_data[name]) for name in ("before", "after"))
            changes = changes_between(before, after)
        names = dict(choices)
        return {
            **super().get_context_data(**kwargs),
            "form": form,
            "changes": changes,
            "before": names.get(form["before"].value()),
            "after": names.get(form["after"].value()),
        }

    def asked(self) -> dict[str, Any]:
        """What the address asks for; what it leaves out is the usual."""
        usual = defaults(self.object)
        return {name: self.request.GET.get(name) or usual[name] for name in usual}

    def graph_of(self, which: str) -> Any:
        if which == DRAFT:
            return draft_of(self.object).graph
        return self.versions.get(number=int(which)).graph


class ExportView(PermissionCheckedMixin, BaseObjectMixin, View):
    """GET ?of=draft or ?of=3: the scenario as YAML, without ids. What can't be said without them leads back."""

    model = Scenario
    any_permission_required = ANY

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.GET.get("of", DRAFT)
        version = (
            self.object.versions.filter(number=int(asked)).first() if asked.isdecimal() and len(asked) < 9 else None
        )
        graph = version.graph if version is not None else draft_of(self.object).graph
        try:
            text = export(self.object.name, graph)
        except NotExportable as refusal:
            told = gettext("This scenario can’t be exported as it is. %(reasons)s")
            messages.error(request, told % {"reasons": str(refusal)})
            return redirect("flows_scenarios:inspect", self.object.pk)
        name = slugify(self.object.name) or "scenario"
        response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
        response["X-Content-Type-Options"] = "nosniff"
        return response
