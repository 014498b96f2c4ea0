"""The admin of segments."""

from __future__ import annotations

from django.urls import URLPattern, path
from wagtail.admin.panels import FieldPanel, ObjectList

from wagtail_flows.lib.admin_viewsets import FlowsViewSet
from wagtail_flows.segments.json_views import CatalogueView, CountView, ReferencesView
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.widgets import RuleEditorWidget


class SegmentViewSet(FlowsViewSet):
    model = Segment
    slug = "segments"
    icon = "flows-segment"
    search_fields = ("name", "description")
    inspect_view_fields = ("name", "description", "kind", "count", "counted_at")
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("description"), FieldPanel("rule", widget=RuleEditorWidget)]
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("count/", self.action(CountView), name="count"),
            path("catalogue/", self.action(CatalogueView), name="catalogue"),
            path("references/<slug:kind>/", self.action(ReferencesView), name="references"),
        ]
