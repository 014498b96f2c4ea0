"""The publish plan: what publishing does to people who are inside, and which events start enrollments. Part of the
draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.problems import Problem
from wagtail_flows.scenarios.reading import Reader


class Inside(StrEnum):
    """People inside finish the version they are in."""

    STAY = "stay"


class StartWith(StrEnum):
    """Only events recorded since these triggers are live start an enrollment: publishing again with the same ones loses
    none that waits to be matched.
    """

    FUTURE = "future"


@dataclass(frozen=True)
class Plan:
    inside: Inside = Inside.STAY
    start_with: StartWith = StartWith.FUTURE


def read_plan(data: Any) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan, and what can't be obeyed of it. Left out means the default."""
    problems: list[Problem] = []
    if not isinstance(data, dict):
        text = _("The publish plan must be an object in braces; {} is the usual one.")
        return Plan(), (Problem("", "plan", "not_an_object", text),)
    fields = Reader(data, problems, path="plan.")
    plan = Plan(
        inside=Inside(fields.choice("inside", list(Inside), default=Inside.STAY)),
        start_with=StartWith(fields.choice("start_with", list(StartWith), default=StartWith.FUTURE)),
    )
    fields.close()
    return plan, tuple(problems)
