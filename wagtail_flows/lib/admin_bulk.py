"""Listings in which several rows can be chosen for a bulk action."""

from __future__ import annotations

from typing import Any

from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, TitleColumn
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.admin.views.generic import BaseListingView


class BulkListingMixin(BaseListingView):
    """Gives `checkbox_columns()`, to stand before the others: empty where the visitor is offered no action.

    The class method `is_offered(user)` of an action says whether it is.
    """

    template_name = "wagtail_flows/admin/bulk_index.html"
    bulk_type = ""

    @property
    def may_choose(self) -> bool:
        opts = self.model._meta
        actions = bulk_action_registry.get_bulk_actions_for_model(opts.app_label, opts.model_name)
        return any(action.is_offered(self.request.user) for action in actions if hasattr(action, "is_offered"))

    def checkbox_columns(self) -> list[BulkActionsCheckboxColumn]:
        return [BulkActionsCheckboxColumn("bulk_actions", obj_type=self.bulk_type)] if self.may_choose else []

    def _get_title_column(self, field_name: str, column_class: type = TitleColumn, **kwargs: Any) -> TitleColumn:
        """With the id by which the checkbox is described."""
        kwargs.setdefault("get_title_id", lambda instance: f"{self.bulk_type}_{instance.pk}_title")
        return super()._get_title_column(field_name, column_class, **kwargs)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        return {**context, "may_choose": self.may_choose, "bulk_type": self.bulk_type}
