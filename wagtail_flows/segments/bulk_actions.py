"""Putting the contacts chosen in a listing into a segment made by hand, or taking them out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.log_actions import log

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.segments.admin_forms import ChooseSegmentForm
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import Viewer
from wagtail_flows.segments.static import add_members, remove_members


MOST_AT_ONCE = 50_000
NAMED = 10
MOST_IDS = 1000


class MemberBulkAction(BulkAction):
    """Works on ids in portions, never on loaded contacts; “all in listing” means all that its filters and search left.

    At most MOST_AT_ONCE at once: a larger group is better asked for by a rule.
    """

    models = [Contact]
    form_class = ChooseSegmentForm
    template_name = "wagtail_flows/segments/bulk_members.html"
    log_action = ""

    def change(self, segment: Segment, ids: list[int]) -> int:
        raise NotImplementedError

    def tell(self, segment: Segment, count: int) -> str:
        raise NotImplementedError

    @classmethod
    def is_offered(cls, user: Viewer) -> bool:
        return may(user, Contact, "view", "change") and may(user, Segment, "change")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.is_offered(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def chosen(self) -> QuerySet[Contact]:
        """The contacts chosen, unordered."""
        asked = self.request.GET.getlist("id")
        if "all" in asked:
            return self.listed().order_by()
        ids = [int(text) for text in asked[:MOST_IDS] if text.isascii() and text.isdigit() and len(text) < 19]
        return Contact.objects.filter(pk__in=ids).order_by()

    def listed(self) -> QuerySet[Contact]:
        """Everybody in the listing that the visitor comes from, as its filters and search have it."""
        there = urlsplit(self.next_url)
        match = _resolved(there.path)
        if match is None or match.view_name not in {"flows_contacts:index", "flows_segments:members"}:
            raise PermissionDenied
        request = _as_asked(self.request, there.query)
        listing: Any = match.func
        view = listing.view_class(**listing.view_initkwargs)
        view.setup(request, *match.args, **match.kwargs)
        queryset: QuerySet[Contact] = view.get_queryset()
        return queryset

    def get_actionable_objects(self) -> tuple[list[Contact], dict[str, Any]]:
        return list(self.chosen[:NAMED]), {"items_with_no_access": []}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = self.chosen.count()
        return {
            **super().get_context_data(**kwargs),
            "count": count,
            "most": MOST_AT_ONCE,
            "is_too_many": count > MOST_AT_ONCE,
            "action": self,
            "has_segments": ChooseSegmentForm.base_fields["segment"].queryset.exists(),  # type: ignore[attr-defined]
            "header_icon": "flows-segment",
        }

    def form_valid(self, form: Any) -> HttpResponseBase:
        ids = list(self.chosen.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(ids) > MOST_AT_ONCE:
            form.add_error(None, _("These are too many to be chosen by hand: make a segment that asks a rule."))
            return self.form_invalid(form)
        segment = form.cleaned_data["segment"]
        count = self.change(segment, ids)
        log(segment, self.log_action, user=self.request.user, data={"count": count})
        messages.success(self.request, self.tell(segment, count))
        return redirect(self.next_url)


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


class AddToSegment(MemberBulkAction):
    display_name = _("Add to a segment")
    aria_label = _("Add the selected contacts to a segment")
    action_type = "add_to_segment"
    action_priority = 10
    log_action = "wagtail_flows.add_members"

    def change(self, segment: Segment, ids: list[int]) -> int:
        return add_members(segment, ids)

    def tell(self, segment: Segment, count: int) -> str:
        return ngettext(
            "%(count)s contact is new in “%(segment)s”.", "%(count)s contacts are new in “%(segment)s”.", count
        ) % {"count": count, "segment": segment}


class TakeFromSegment(MemberBulkAction):
    display_name = _("Take out of a segment")
    aria_label = _("Take the selected contacts out of a segment")
    action_type = "take_from_segment"
    action_priority = 20
    log_action = "wagtail_flows.remove_members"

    def change(self, segment: Segment, ids: list[int]) -> int:
        return remove_members(segment, ids)

    def tell(self, segment: Segment, count: int) -> str:
        return ngettext(
            "%(count)s contact is no longer in “%(segment)s”.",
            "%(count)s contacts are no longer in “%(segment)s”.",
            count,
        ) % {"count": count, "segment": segment}
