"""The buttons by which a person helps somebody inside, on the page of an enrollment and in the listing."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.log_actions import log

from wagtail_flows.engine.by_hand import NotInside, NotParked, skip_wait, take_out, try_again
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import ActionView
from wagtail_flows.lib.admin_bulk import ChosenRowsAction
from wagtail_flows.lib.admin_columns import Viewer
from wagtail_flows.lib.admin_policy import may


TRY_AGAIN = "wagtail_flows.try_again"
TAKE_OUT = "wagtail_flows.take_out"
SKIP_WAIT = "wagtail_flows.skip_wait"


class TryAgainView(ActionView):
    model = Enrollment
    log_action = TRY_AGAIN

    def act(self, data: dict[str, Any]) -> str:
        if not try_again([self.object.pk], clock.now()):
            raise NotParked(gettext("It doesn't need attention any more."))
        return gettext("It is tried again now.")


class TakeOutView(ActionView):
    model = Enrollment
    log_action = TAKE_OUT

    def act(self, data: dict[str, Any]) -> str:
        if not take_out([self.object.pk], clock.now()):
            raise NotInside(gettext("This contact has left the scenario already."))
        return gettext("Taken out. What was queued isn't sent any more.")


class SkipWaitView(ActionView):
    model = Enrollment
    log_action = SKIP_WAIT

    def act(self, data: dict[str, Any]) -> str:
        skip_wait(self.object.pk, clock.now())
        return gettext("The wait is over; it goes on now.")


class EnrollmentBulkAction(ChosenRowsAction):
    """Nothing is asked but yes or no."""

    models = [Enrollment]
    listings = frozenset({"flows_enrollments:index"})
    template_name = "wagtail_flows/admin/bulk_enrollments.html"
    log_action = ""
    explanation: Any = ""

    def act(self, ids: list[int]) -> int:
        raise NotImplementedError

    def tell(self, count: int) -> str:
        raise NotImplementedError

    @classmethod
    def is_offered(cls, user: Viewer) -> bool:
        return may(user, Enrollment, "change")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "header_icon": "flows-enrollment"}

    def form_valid(self, form: Any) -> HttpResponseBase:
        ids = self.chosen_ids()
        if ids is None:
            return self.form_invalid(form)
        count = self.act(ids)
        self._log(ids)
        messages.success(self.request, self.tell(count))
        return redirect(self.next_url)

    def _log(self, ids: list[int]) -> None:
        """On one enrollment of those, as all are alike: a row of the log for each of fifty thousand helps nobody."""
        one = Enrollment.objects.filter(pk__in=ids[:1]).first()
        if one is not None:
            log(one, self.log_action, user=self.request.user, data={"count": len(ids)})


class TryAgain(EnrollmentBulkAction):
    display_name = _("Try again")
    aria_label = _("Let the selected people try again")
    action_type = "try_again"
    action_priority = 10
    log_action = TRY_AGAIN
    explanation = _("Those who need attention go on from the step where they stand. The others stay as they are.")

    def act(self, ids: list[int]) -> int:
        return try_again(ids, clock.now())

    def tell(self, count: int) -> str:
        return ngettext("%(count)s person goes on now.", "%(count)s people go on now.", count) % {"count": count}


class TakeOut(EnrollmentBulkAction):
    display_name = _("Take out")
    aria_label = _("Take the selected people out of the scenario")
    action_type = "take_out"
    action_priority = 20
    log_action = TAKE_OUT
    explanation = _("They leave the scenario, and what was queued for them isn't sent any more.")

    def act(self, ids: list[int]) -> int:
        return take_out(ids, clock.now())

    def tell(self, count: int) -> str:
        told = ngettext("%(count)s person was taken out.", "%(count)s people were taken out.", count)
        return told % {"count": count}
