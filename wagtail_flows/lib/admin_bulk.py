"""Listings in which several rows can be chosen for a bulk action, and the actions on what was chosen."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, TitleColumn
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.admin.views.generic import BaseListingView


MOST_AT_ONCE = 50_000
NAMED = 10
MOST_IDS = 1000


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


class ChosenRowsAction(BulkAction):
    """Works on ids in portions, never on loaded rows; “all in listing” means all that its filters and search left.

    `listings` are the names of the listings that it may be called from.
    """

    listings: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def is_offered(cls, user: AbstractBaseUser | AnonymousUser) -> bool:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.is_offered(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def chosen(self) -> QuerySet[Any]:
        """The rows chosen, unordered."""
        asked = self.request.GET.getlist("id")
        if "all" in asked:
            return self.listed().order_by()
        ids = [int(text) for text in asked[:MOST_IDS] if text.isascii() and text.isdigit() and len(text) < 19]
        return self.models[0]._default_manager.filter(pk__in=ids).order_by()

    def chosen_ids(self) -> list[int] | None:
        """The ids of the rows chosen; None where they are more than MOST_AT_ONCE."""
        ids = list(self.chosen.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        return ids if len(ids) <= MOST_AT_ONCE else None

    def listed(self) -> QuerySet[Any]:
        """Everything in the listing that the visitor comes from, as its filters and search have it."""
        there = urlsplit(self.next_url)
        match = _resolved(there.path)
        if match is None or match.view_name not in self.listings:
            raise PermissionDenied
        request = _as_asked(self.request, there.query)
        listing: Any = match.func
        view = listing.view_class(**listing.view_initkwargs)
        view.setup(request, *match.args, **match.kwargs)
        queryset: QuerySet[Any] = view.get_queryset()
        return queryset

    def get_actionable_objects(self) -> tuple[list[Model], dict[str, Any]]:
        return list(self.chosen[:NAMED]), {"items_with_no_access": []}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = self.chosen.count()
        return {
            **super().get_context_data(**kwargs),
            "count": count,
            "most": MOST_AT_ONCE,
            "is_too_many": count > MOST_AT_ONCE,
            "action": self,
        }


def _resolved(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _as_asked(request: HttpRequest, query: str) -> HttpRequest:
    """The same visitor asking for the listing."""
    asked = HttpRequest()
    asked.method, asked.META, asked.COOKIES = "GET", request.META, request.COOKIES
    asked.user, asked.GET = request.user, QueryDict(query)
    asked.session = request.session
    return asked
