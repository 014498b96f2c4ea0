"""The base of our viewsets."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.auth import get_permission_codename
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Permission
from django.db.models import Model, QuerySet
from django.urls import URLPattern, reverse
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_flows.lib.admin_deletion import ExplainedDeleteView
from wagtail_flows.lib.admin_inspect import FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_policy import may


class InspectURLFinder:
    """Leads from a thing to the page that shows it, for who may read it."""

    model: type[Model]
    url_name = ""

    def __init__(self, user: AbstractBaseUser | None = None) -> None:
        self.user = user

    def get_edit_url(self, instance: Model) -> str | None:
        if self.user and not may(self.user, self.model):
            return None
        return reverse(self.url_name, args=[quote(instance.pk)])


class FlowsViewSet(ModelViewSet):
    """Listing, page, form and deletion of one model; subclasses name `model`, `slug` and what to show."""

    slug = ""
    index_view_class = FlowsIndexView
    inspect_view_class = FlowsInspectView
    delete_view_class = ExplainedDeleteView
    inspect_view_enabled = True
    copy_view_enabled = False
    # These rows are many and name nothing that Wagtail's index of references knows.
    add_to_reference_index = False
    search_backend_name = None
    list_per_page = 50

    @property
    def name(self) -> str:
        return f"flows_{self.slug}"

    @property
    def url_prefix(self) -> str:
        return f"flows/{self.slug}"

    @property
    def menu_name(self) -> str:
        return f"flows-{self.slug}"

    @property
    def url_finder_class(self) -> type:
        namespace = {"model": self.model, "url_name": self.get_url_name("inspect")}
        return type("_FlowsURLFinder", (InspectURLFinder,), namespace)

    def action(self, view_class: type[PermissionCheckedMixin], **kwargs: Any) -> Any:
        """One more view of this viewset, made like its others."""
        return self.construct_view(view_class, **kwargs)


class ReadOnlyViewSet(FlowsViewSet):
    """A listing and a page, and nothing that could change a row."""

    shown_views = frozenset({"index", "index_results", "inspect"})
    # What a group can be given; the permission to change is for models whose page has actions.
    offered_permissions: tuple[str, ...] = ("view",)
    form_fields = ()

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = ("add", "edit", "delete", "copy", "history", "usage")
        return super().get_common_view_kwargs(**{f"{name}_url_name": None for name in names}, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in self.shown_views]

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        names = [get_permission_codename(action, self.model_opts) for action in self.offered_permissions]
        permissions: QuerySet[Permission] = super().get_permissions_to_register().filter(codename__in=names)
        return permissions
