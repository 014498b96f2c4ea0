"""The listing of scenarios: how many are inside each and need attention; archived ones only where asked for."""

from __future__ import annotations

import django_filters

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, NumberColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button

from wagtail_flows.lib.admin_columns import label_column
from wagtail_flows.lib.admin_snippets import FlowsSnippetIndexView
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.publication_model import Publication
from wagtail_flows.scenarios.states import TONES, StateColumn, state_in_listing


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
