"""The publish plan as a form: radio buttons, and for each step that people stand at, where they go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_flows.scenarios.forecasting import NextMail
from wagtail_flows.scenarios.plan import USUAL, Inside, Plan, StartWith
from wagtail_flows.scenarios.prospect import Prospect


T = TypeVar("T", Inside, StartWith)

# Not the id of any step: these are letters, digits, "-" and "_".
LEAVES = "*leave"
INSIDE = (
    (Inside.STAY.value, _("They finish the version they are in.")),
    (Inside.MOVE.value, _("They move to the new version.")),
    (Inside.LEAVE.value, _("They leave. What they had queued isn’t sent.")),
)
START_WITH = (
    (StartWith.FUTURE.value, _("Only what happens from now on lets people in.")),
    (StartWith.ALSO_MATCHING.value, _("Who matches a trigger already comes in too, now.")),
)


@dataclass(frozen=True)
class StepRow:
    """People at one step (of any version): where they go, and when their next e-mail would go then."""

    step: str
    words: str
    count: int
    to: forms.BoundField
    anew: forms.BoundField
    mail: NextMail | None


class PlanForm(forms.Form):
    """Made for a prospect: what it offers is what the draft has, for whom there is."""

    inside = forms.ChoiceField(label=_("People inside"), choices=INSIDE, widget=forms.RadioSelect)
    start_with = forms.ChoiceField(label=_("Start with"), choices=START_WITH, widget=forms.RadioSelect)
    # The revision that was looked at, so that nobody publishes another one by what they saw here.
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, prospect: Prospect, plan: Plan = USUAL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prospect = prospect
        self.initial = {"inside": plan.inside.value, "start_with": plan.start_with.value, **self.initial}
        names = [(step.id, f"{step.id}: {step.sentence(prospect.known)}") for step in prospect.graph.steps]
        for step in prospect.standing:
            target = plan.step_map.get(step, step)
            is_there = target in prospect.graph.by_id
            choices = [("", _("Choose a step")), *names, (LEAVES, _("They leave"))]
            to = forms.ChoiceField(label=_("Go to"), choices=choices, required=False)
            to.initial = LEAVES if target is None else target if is_there else ""
            anew = forms.BooleanField(label=_("Compute the moment anew"), required=False)
            anew.initial = target in plan.recompute
            self.fields[f"to-{step}"], self.fields[f"anew-{step}"] = to, anew

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("inside") == Inside.MOVE:
            for step in self.prospect.standing:
                if not cleaned.get(f"to-{step}") and f"to-{step}" not in self.errors:
                    text = _("The new version has no such step: say where these people go.")
                    self.add_error(f"to-{step}", ValidationError(text, code="not_mapped"))
        return cleaned

    def plan(self) -> Plan:
        """What is chosen, as far as it was understood; unbound, what was."""
        values = {name: self[name].value() for name in self.fields}
        targets = {step: values[f"to-{step}"] for step in self.prospect.standing}
        step_map = {
            step: None if target == LEAVES else target for step, target in targets.items() if target and target != step
        }
        anew = {target for step, target in targets.items() if values[f"anew-{step}"] and target}
        return Plan(
            inside=_one_of(Inside, values["inside"]),
            start_with=_one_of(StartWith, values["start_with"]),
            step_map=step_map,
            recompute=frozenset(anew & set(self.prospect.graph.by_id)),
        )

    def rows(self) -> Iterator[StepRow]:
        """One for each step that people stand at."""
        plan = self.plan()
        as_moved = Plan(Inside.MOVE, plan.start_with, plan.step_map, plan.recompute)
        for step, count in self.prospect.standing.items():
            groups = [group for group in self.prospect.groups if group.at.step == step]
            mail = self.prospect.first_mail(self.prospect.mail_of(group, as_moved) for group in groups)
            yield StepRow(step, groups[-1].words, count, self[f"to-{step}"], self[f"anew-{step}"], mail)

    def locate(self, text: str) -> None:
        """Something that stands against it as a whole."""
        self.add_error(None, ValidationError(text or gettext("This plan can’t be carried out."), code="plan"))


def _one_of(kind: type[T], value: Any) -> T:
    return kind(value) if value in list(kind) else next(iter(kind))
