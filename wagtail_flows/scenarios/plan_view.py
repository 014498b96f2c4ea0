"""The page that shows what publishing will do, before it does it, and lets the plan be chosen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from wagtail_flows.scenarios.graph import read
from wagtail_flows.scenarios.importing import draft_of
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.plan import Inside, Plan, read_plan
from wagtail_flows.scenarios.plan_form import PlanForm
from wagtail_flows.scenarios.problems import Problem, errors, located
from wagtail_flows.scenarios.prospect import Prospect, matching, prospect
from wagtail_flows.scenarios.publishing import ScenarioNotPublishable, problems_of
from wagtail_flows.scenarios.version_views import ScenarioPageView


class PlanView(ScenarioPageView):
    """GET shows the numbers by the plan of the draft. POST `show` shows them by the plan that is chosen, `save` keeps
    it in the draft, `publish` publishes by it.
    """

    template_name = "wagtail_flows/scenarios/plan.html"
    page_title = _("What publishing will do")
    any_permission_required = ("change", "publish")
    header_icon = "upload"

    @cached_property
    def draft(self) -> Scenario:
        return draft_of(self.object)

    @cached_property
    def prospect(self) -> Prospect:
        return prospect(self.object, read(self.draft.graph).graph)

    @cached_property
    def form(self) -> PlanForm:
        plan, _problems = read_plan(self.draft.plan)
        data = self.request.POST if self.request.method == "POST" else None
        initial = {"seen": self.object.latest_revision_id or 0}
        return PlanForm(data, prospect=self.prospect, plan=plan, initial=initial)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.form.is_valid() and self._may_act():
            if "publish" in request.POST:
                return self._publish()
            if "save" in request.POST:
                return self._save()
        return self.render_to_response(self.get_context_data(**kwargs))

    def _may_act(self) -> bool:
        """Whether what was seen is still what would be published, and nobody else has a lock on it."""
        if "show" in self.request.POST:
            return True
        lock = self.object.get_lock()
        if lock is not None and lock.for_user(self.request.user):
            self.form.locate(lock.get_message(self.request.user))
            return False
        if self.form.cleaned_data["seen"] != (self.object.latest_revision_id or 0):
            text = gettext("Somebody has saved another draft meanwhile: look at it, and at these numbers, once more.")
            self.form.locate(text)
            return False
        return True

    def _save(self) -> HttpResponseBase:
        if not self.user_has_permission("change"):
            self.form.locate(gettext("You may publish this scenario, but not change it."))
            return self.render_to_response(self.get_context_data())
        self._revision()
        told = gettext("The plan is saved with the draft of “%(scenario)s”. It is carried out when it is published.")
        messages.success(self.request, told % {"scenario": self.object})
        return redirect("flows_scenarios:inspect", self.object.pk)

    def _publish(self) -> HttpResponseBase:
        if not self.user_has_permission("publish"):
            self.form.locate(gettext("You may change this scenario, but not publish it."))
            return self.render_to_response(self.get_context_data())
        try:
            self._revision().publish(user=self.request.user)
        except ScenarioNotPublishable as refusal:
            for problem in refusal.problems:
                self.form.locate(located(problem))
            return self.render_to_response(self.get_context_data())
        self.object.refresh_from_db()
        told = gettext("“%(scenario)s” is published.") if self.object.live else gettext("“%(scenario)s” is scheduled.")
        messages.success(self.request, told % {"scenario": self.object})
        return redirect("flows_scenarios:inspect", self.object.pk)

    def _revision(self) -> Any:
        """The draft with the chosen plan, saved."""
        self.draft.plan = self.form.plan().write()
        return self.draft.save_revision(user=self.request.user, log_action=True)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, numbers = self.form.plan(), self.prospect
        return {
            **super().get_context_data(**kwargs),
            "form": self.form,
            "plan": plan,
            "prospect": numbers,
            "choices": [self._choice(inside, plan) for inside in Inside],
            "matching": self._matching(),
            "mail_of_comers": numbers.mail_of_comers(),
            "fates": numbers.count_by_fate(plan),
            "problems": self._problems(plan),
            "messages_known": numbers.known.messages,
            "may_publish": self.user_has_permission("publish"),
            "may_change": self.user_has_permission("change"),
            "edit_url": reverse("flows_scenarios:edit", args=[self.object.pk]),
        }

    def _choice(self, inside: Inside, chosen: Plan) -> dict[str, Any]:
        """What becomes of people by this choice, the other parts of the plan as they are."""
        plan = Plan(inside, chosen.start_with, chosen.step_map, chosen.recompute)
        return {
            "value": inside.value,
            "fates": self.prospect.count_by_fate(plan),
            "mail": self.prospect.mail_under(plan),
            "is_chosen": inside is chosen.inside,
        }

    def _matching(self) -> list[dict[str, Any]]:
        triggers = {trigger.id: trigger.sentence(self.prospect.known) for trigger in self.prospect.graph.triggers}
        found = matching(self.object, self.prospect.graph)
        return [{"words": triggers[one.trigger], "count": one.count} for one in found]

    def _problems(self, plan: Plan) -> list[str]:
        found = errors(problems_of(self.draft.graph, plan.write(), self.prospect.standing))
        return [located(problem) for problem in found if not _is_asked_for(problem)]


def _is_asked_for(problem: Problem) -> bool:
    """Told beside its own field already."""
    return problem.code == "not_mapped"
