"""What our two snippets, e-mails and scenarios, share in the admin."""

from __future__ import annotations

from django.contrib.admin.utils import quote
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model
from django.urls import reverse
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.snippets.views.snippets import ConfirmWorkflowCancellationView, IndexView, SnippetViewSet

from wagtail_flows.lib.admin_choosers import GuardedChooserViewSet
from wagtail_flows.lib.admin_inspect import FlowsInspectView
from wagtail_flows.lib.admin_listing import OurListingMixin
from wagtail_flows.lib.admin_policy import may


class FlowsSnippetIndexView(OurListingMixin, IndexView):
    """The listing of a kind of snippet."""


class InspectOrEditURLFinder:
    """Leads to the form, for who may edit; to the page that shows, for who may only read."""

    model: type[Model]
    edit_url_name = ""
    inspect_url_name = ""

    def __init__(self, user: AbstractBaseUser | None = None) -> None:
        self.user = user

    def get_edit_url(self, instance: Model) -> str | None:
        if self.user is None or may(self.user, self.model, "change"):
            return reverse(self.edit_url_name, args=[quote(instance.pk)])
        if may(self.user, self.model):
            return reverse(self.inspect_url_name, args=[quote(instance.pk)])
        return None


class GuardedCancellationView(PermissionCheckedMixin, ConfirmWorkflowCancellationView):
    """Wagtail's own asks for no permission."""

    any_permission_required = ("change", "publish")


class FlowsSnippetViewSet(SnippetViewSet):
    """A snippet of ours: subclasses name `model`, `slug` and what to show."""

    slug = ""
    index_view_class: type[FlowsSnippetIndexView] = FlowsSnippetIndexView
    inspect_view_class: type[FlowsInspectView] = FlowsInspectView
    inspect_view_enabled = True
    chooser_viewset_class = GuardedChooserViewSet
    confirm_workflow_cancellation_view_class = GuardedCancellationView
    search_backend_name = None
    list_per_page = 50

    @property
    def url_prefix(self) -> str:
        return f"flows/{self.slug}"

    @property
    def url_namespace(self) -> str:
        return f"flows_{self.slug}"

    @property
    def menu_name(self) -> str:
        return f"flows-{self.slug}"

    @property
    def url_finder_class(self) -> type:
        names = {f"{name}_url_name": self.get_url_name(name) for name in ("edit", "inspect")}
        return type("_SnippetURLFinder", (InspectOrEditURLFinder,), {"model": self.model, **names})
