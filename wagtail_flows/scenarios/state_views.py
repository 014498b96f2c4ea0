"""Pausing, resuming, limits, archiving, restoring: each is as weighty as publishing, and needs the same permission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_flows.lib.admin_actions import ActionView
from wagtail_flows.scenarios.archiving import archive, restore
from wagtail_flows.scenarios.limits_form import LimitsForm, set_limits
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.pausing import pause, resume


MINUTES = ((15, _("a quarter of an hour")), (60, _("an hour")), (240, _("four hours")), (1440, _("a day")))
AN_HOUR = 60
LEAVE, FINISH = "leave", "finish"


class ResumeForm(forms.Form):
    """How fast."""

    spread = forms.TypedChoiceField(
        label=_("Spread what is overdue over at most"), choices=MINUTES, coerce=int, initial=AN_HOUR, required=False
    )


class ArchiveForm(forms.Form):
    """What becomes of people inside."""

    inside = forms.ChoiceField(
        label=_("People inside"),
        choices=((FINISH, _("They finish.")), (LEAVE, _("They leave. What they had queued isn’t sent."))),
        initial=FINISH,
        widget=forms.RadioSelect,
    )


class PauseView(ActionView):
    model = Scenario
    permission_required = "publish"
    log_action = "wagtail_flows.pause"

    def act(self, data: dict[str, Any]) -> str:
        pause(self.object)
        return gettext("“%(scenario)s” is paused.") % {"scenario": self.object}


class ResumeView(ActionView):
    model = Scenario
    permission_required = "publish"
    log_action = "wagtail_flows.resume"
    form_class = ResumeForm

    def act(self, data: dict[str, Any]) -> str:
        resume(self.object, timedelta(minutes=data["spread"] or AN_HOUR))
        return gettext("“%(scenario)s” goes on.") % {"scenario": self.object}


class LimitsView(ActionView):
    """Limits hold at once."""

    model = Scenario
    permission_required = "publish"
    form_class = LimitsForm
    log_action = "wagtail_flows.set_limits"

    def act(self, data: dict[str, Any]) -> str:
        set_limits(self.object, data)
        return gettext("The limits of “%(scenario)s” hold from now on.") % {"scenario": self.object}


class ArchiveView(ActionView):
    model = Scenario
    permission_required = "publish"
    log_action = "wagtail_flows.archive"
    form_class = ArchiveForm

    def act(self, data: dict[str, Any]) -> str:
        archive(self.object, lets_finish=data["inside"] == FINISH, user=self.request.user)
        return gettext("“%(scenario)s” is archived.") % {"scenario": self.object}


class RestoreView(ActionView):
    model = Scenario
    permission_required = "publish"
    log_action = "wagtail_flows.restore"

    def act(self, data: dict[str, Any]) -> str:
        restore(self.object)
        return gettext("“%(scenario)s” is a draft again. Publish it to let it run.") % {"scenario": self.object}
