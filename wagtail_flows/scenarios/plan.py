"""The publish plan: what publishing does to people who are inside, and whom the new version starts with. Part of the
draft; obeyed once, by whatever way the draft is published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_flows.scenarios.problems import Problem
from wagtail_flows.scenarios.reading import Reader, is_identifier, shown


MOST_ENTRIES = 10_000


class Inside(StrEnum):
    """People inside finish the version they are in, are moved to the new one, or leave."""

    STAY = "stay"
    MOVE = "move"
    LEAVE = "leave"


class StartWith(StrEnum):
    """Only what happens from now on starts enrollments (for triggers that listened before: what happened since then);
    or whoever the triggers would have brought in already comes in too.
    """

    FUTURE = "future"
    ALSO_MATCHING = "also_matching"


@dataclass(frozen=True)
class Plan:
    """`step_map`: where people go who stand at a step, None for out; a step that the new version has too needs no
    entry. `recompute`: the steps of the new version that decide at once when to go on; elsewhere people keep their
    moment. Both are about MOVE only.
    """

    inside: Inside = Inside.STAY
    start_with: StartWith = StartWith.FUTURE
    step_map: Mapping[str, str | None] = field(default_factory=dict)
    recompute: frozenset[str] = frozenset()

    def places(self, standing: Iterable[str], steps: Collection[str]) -> dict[str, str | None]:
        """Where people go who stand at these steps, in a version that has `steps`: a step, or None for out. Who stands
        at a step that is missing here stays where they are.
        """
        match self.inside:
            case Inside.STAY:
                return {}
            case Inside.LEAVE:
                return dict.fromkeys(standing)
            case Inside.MOVE:
                wanted = {step: self.step_map.get(step, step) for step in standing}
                return {step: target for step, target in wanted.items() if target is None or target in steps}

    def write(self) -> dict[str, Any]:
        """The plan as JSON: reading it again makes an equal plan."""
        moving = {"map": dict(self.step_map), "recompute": sorted(self.recompute)}
        return {
            "inside": self.inside.value,
            **(moving if self.inside is Inside.MOVE else {}),
            "start_with": self.start_with.value,
        }


USUAL = Plan()


def read_plan(data: Any) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan, and what is wrong with its form. Left out means the default."""
    problems: list[Problem] = []
    if not isinstance(data, dict):
        text = _("The publish plan must be an object in braces; {} is the usual one.")
        return USUAL, (Problem("", "plan", "not_an_object", text),)
    fields = Reader(data, problems, path="plan.")
    plan = Plan(
        inside=Inside(fields.choice("inside", list(Inside), default=Inside.STAY)),
        start_with=StartWith(fields.choice("start_with", list(StartWith), default=StartWith.FUTURE)),
        step_map=_read_map(fields),
        recompute=_read_recompute(fields),
    )
    fields.close()
    return plan, tuple(problems)


def plan_words(plan: Plan) -> tuple[str, str]:
    """What becomes of people inside, and whom it starts with, in sentences."""
    inside = {
        Inside.STAY: _("People inside finish the version they are in."),
        Inside.MOVE: _("People inside move to the new version."),
        Inside.LEAVE: _("People inside leave."),
    }
    start_with = {
        StartWith.FUTURE: _("Only what happens from then on lets people in."),
        StartWith.ALSO_MATCHING: _("Who matches a trigger already comes in too."),
    }
    return inside[plan.inside], start_with[plan.start_with]


def plan_problems(plan: Plan, steps: Collection[str], standing: Mapping[str, int]) -> Iterator[Problem]:
    """What keeps the plan from being carried out in a version that has `steps`. `standing`: how many people stand at
    which step now.
    """
    if plan.inside is not Inside.MOVE:
        return
    for old, new in plan.step_map.items():
        if new is not None and new not in steps:
            text = _("The new version has no step “%(step)s”: name one of its steps, or null to let people leave.")
            yield Problem("", f"plan.map.{old}", "unknown_step", text % {"step": new})
    for position, name in enumerate(sorted(plan.recompute)):
        if name not in steps:
            text = _("The new version has no step “%(step)s”: remove it here.")
            yield Problem("", f"plan.recompute.{position}", "unknown_step", text % {"step": name})
    for step in standing:
        if step not in plan.step_map and step not in steps:
            text = ngettext(
                "%(count)d person stands at the step “%(step)s”, which the new version lacks: say where they go.",
                "%(count)d people stand at the step “%(step)s”, which the new version lacks: say where they go.",
                standing[step],
            )
            values = {"count": standing[step], "step": step}
            yield Problem("", f"plan.map.{step}", "not_mapped", text % values)


def _read_map(fields: Reader) -> dict[str, str | None]:
    part = fields.part("map")
    if part is None:
        return {}
    if len(part.data) > MOST_ENTRIES:
        part.note("", "too_many", _("At most %(max)d entries are possible.") % {"max": MOST_ENTRIES})
        return {}
    found: dict[str, str | None] = {}
    for old, new in part.data.items():
        if not is_identifier(old) or not (new is None or is_identifier(new)):
            text = _("“%(step)s” must lead to the id of a step, or to null for leaving.")
            part.note(old, "not_a_step", text % {"step": shown(old)})
        else:
            found[old] = new
    return found


def _read_recompute(fields: Reader) -> frozenset[str]:
    names = fields.items("recompute", MOST_ENTRIES)
    for position, name in enumerate(names):
        if not is_identifier(name):
            fields.note(f"recompute.{position}", "not_a_step", _("Name a step of the new version by its id."))
    return frozenset(name for name in names if is_identifier(name))
