"""Putting the contacts chosen in a listing into a segment made by hand, or taking them out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.log_actions import log

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.admin_bulk import ChosenRowsAction
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.segments.admin_forms import ChooseSegmentForm
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import Viewer
from wagtail_flows.segments.static import add_members, remove_members


class MemberBulkAction(ChosenRowsAction):
    """What is too many to be chosen is better asked for by a rule."""

    models = [Contact]
    listings = frozenset({"flows_contacts:index", "flows_segments:members"})
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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "has_segments": ChooseSegmentForm.base_fields["segment"].queryset.exists(),  # type: ignore[attr-defined]
            "header_icon": "flows-segment",
        }

    def form_valid(self, form: Any) -> HttpResponseBase:
        ids = self.chosen_ids()
        if ids is None:
            form.add_error(None, _("These are too many to be chosen by hand: make a segment that asks a rule."))
            return self.form_invalid(form)
        segment = form.cleaned_data["segment"]
        count = self.change(segment, ids)
        log(segment, self.log_action, user=self.request.user, data={"count": count})
        messages.success(self.request, self.tell(segment, count))
        return redirect(self.next_url)


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
