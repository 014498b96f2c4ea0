"""The admin of segments."""

from __future__ import annotations

from typing import Any, Protocol, cast

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import EditView

from wagtail_flows.contacts.models import Contact, MailingList, Property
from wagtail_flows.contacts.viewsets import ContactFilterSet, ContactViewSet
from wagtail_flows.lib.admin_columns import BAD, StatusColumn, label_column
from wagtail_flows.lib.admin_deletion import register_use
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_viewsets import FlowsViewSet
from wagtail_flows.segments.admin_forms import SegmentForm
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.json_views import CatalogueView, CountView, ReferencesView
from wagtail_flows.segments.membership import problems_of
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.people_views import ExplainView, ImportView, MembersView
from wagtail_flows.segments.segment_page import PutInView, SegmentInspectView, TakeOutView, count_in_words
from wagtail_flows.segments.start_view import AddSegmentView, StartView
from wagtail_flows.segments.usage import segments_naming, segments_naming_list, segments_naming_property


register_use(Segment, segments_naming)
register_use(MailingList, segments_naming_list)
register_use(Property, segments_naming_property)


class SegmentFilterSet(WagtailFilterSet):
    class Meta:
        model = Segment
        fields = ("kind",)


class SegmentIndexView(FlowsIndexView):
    default_ordering = "name"
    empty_text = _("A segment is a question about contacts, such as who bought once. Begin with a recipe.")
    start_url_name = ""

    def get_base_queryset(self) -> QuerySet[Segment]:
        return Segment.objects.all()

    def get_add_url(self) -> str | None:
        return reverse(self.start_url_name) if self.user_has_permission("add") else None

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("name"),
            label_column("count", _("People"), accessor=count_in_words, sort_key="count"),
            StatusColumn("is_broken", {True: BAD}, label="", accessor=self.broken_text),
            Column("get_kind_display", label=_("Kind"), sort_key="kind"),
            label_column("description", _("Description")),
        ]

    @cached_property
    def scope(self) -> Scope:
        """One for all rows, so that the fields are looked up once."""
        return Scope()

    def broken_text(self, segment: Listed) -> str:
        """What the listing says about a segment that can't be asked."""
        segment.is_broken = bool(problems_of(cast(Segment, segment), self.scope))
        return gettext("matches nobody") if segment.is_broken else ""


class Listed(Protocol):
    """A segment with what the listing finds out about it."""

    is_broken: bool


class EditSegmentView(EditView):
    def get_success_url(self) -> str:
        return reverse("flows_segments:inspect", args=[self.object.pk])


class SegmentViewSet(FlowsViewSet):
    model = Segment
    slug = "segments"
    icon = "flows-segment"
    index_view_class = SegmentIndexView
    inspect_view_class = SegmentInspectView
    add_view_class = AddSegmentView
    edit_view_class = EditSegmentView
    filterset_class = SegmentFilterSet
    search_fields = ("name", "description")
    inspect_view_fields = ("name", "kind", "count", "description", "created_at", "public_id")
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("description"), FieldPanel("rule")], base_form_class=SegmentForm
    )

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(start_url_name=self.get_url_name("start"), **kwargs)

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = {
            f"{name}_url_name": self.get_url_name(name) for name in ("members", "explain", "import", "put", "take")
        }
        return super().get_inspect_view_kwargs(**names, **kwargs)

    def members_view(self, *, results_only: bool) -> Any:
        """The listing of contacts with what that of all contacts has."""
        return MembersView.as_view(
            model=Contact,
            filterset_class=ContactFilterSet,
            search_fields=ContactViewSet.search_fields,
            search_backend_name=None,
            list_export=ContactViewSet.list_export,
            export_headings=ContactViewSet.export_headings,
            export_filename="segment",
            paginate_by=self.list_per_page,
            inspect_url_name="flows_contacts:inspect",
            members_url_name=self.get_url_name("members"),
            members_results_url_name=self.get_url_name("members_results"),
            header_icon="user",
            results_only=results_only,
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("count/", self.action(CountView), name="count"),
            path("catalogue/", self.action(CatalogueView), name="catalogue"),
            path("references/<slug:kind>/", self.action(ReferencesView), name="references"),
            path("start/", self.action(StartView), name="start"),
            path("members/<int:pk>/", self.members_view(results_only=False), name="members"),
            path("members/<int:pk>/results/", self.members_view(results_only=True), name="members_results"),
            path("explain/<int:pk>/", self.action(ExplainView), name="explain"),
            path("import/<int:pk>/", self.action(ImportView), name="import"),
            path("put/<int:pk>/", self.action(PutInView), name="put"),
            path("take/<int:pk>/", self.action(TakeOutView), name="take"),
        ]
