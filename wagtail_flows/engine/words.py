"""What the engine notes in codes, in words: kinds of step, outcomes, outlets, reasons for leaving."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_flows.engine.by_hand import TAKEN_OUT
from wagtail_flows.engine.entering import NOT_IN_AUDIENCE
from wagtail_flows.engine.listening import LEFT
from wagtail_flows.engine.models import Enrollment, RefusedEntry, Visit
from wagtail_flows.engine.moving import LEFT_BY_PUBLISHING
from wagtail_flows.engine.passage import END_OF_PATH
from wagtail_flows.events import kinds
from wagtail_flows.scenarios.lateness import TOO_LATE
from wagtail_flows.scenarios.registry import step_kinds
from wagtail_flows.scenarios.steps.goal import GOAL
from wagtail_flows.scenarios.steps.wait_until_property import NO_DATE


OUTCOMES = {
    "continue": _("went on"),
    "send": _("queued an e-mail"),
    "dispatch": _("queued a delivery"),
    "change": _("changed the contact"),
    "change_list": _("changed a subscription"),
    "finish": pgettext_lazy("scenario", "left"),
    LEFT: pgettext_lazy("scenario", "left"),
}
OUTLETS = {
    "next": pgettext_lazy("outlet", "next"),
    "late": pgettext_lazy("outlet", "too late"),
    "else": pgettext_lazy("outlet", "else"),
    "happened": pgettext_lazy("outlet", "it happened"),
    NO_DATE: _("no date is known"),
    "timeout": pgettext_lazy("outlet", "the time is over"),
}
REASONS = {
    END_OF_PATH: _("end of the path"),
    TOO_LATE: _("came too late"),
    NO_DATE: _("no date is known"),
    GOAL: _("goal reached"),
    TAKEN_OUT: _("taken out by hand"),
    "done": _("done"),
    LEFT_BY_PUBLISHING: _("taken out by publishing"),
}

REFUSALS = {NOT_IN_AUDIENCE: _("not in the audience")}


def refusal_text(refused: RefusedEntry) -> str:
    """Why somebody didn't come in."""
    return str(REFUSALS.get(refused.reason, refused.reason))


def kind_text(visit: Visit) -> str:
    """What kind of step it was; a kind that isn't installed any more keeps its code."""
    kind = step_kinds().get(visit.kind)
    return str(kind.label if kind else OUTCOMES.get(visit.kind, visit.kind))


def outcome_text(visit: Visit) -> str:
    return str(OUTCOMES.get(visit.outcome, visit.outcome))


def outlet_text(visit: Visit) -> str:
    """Outlets that people name themselves keep their names."""
    return str(OUTLETS.get(visit.outlet, visit.outlet))


def exit_reason_text(enrollment: Enrollment) -> str:
    """Why it ended: one of our reasons, what happened, or the reason that an exit gives in its own words."""
    reason = enrollment.exit_reason
    kind = kinds.get(reason)
    return str(kind.label if kind else REASONS.get(reason, reason))
