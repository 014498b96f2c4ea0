"""What can be wrong with a graph: located problems, each with a sentence that says what to do.

`Problem.step` is the id of a step or of a trigger, "" for the scenario as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib.problems import Problem


__all__ = ["GraphInvalid", "Problem", "errors", "located"]


class GraphInvalid(FlowsError):
    """The graph can't be used: mend what `problems` lists, and try again."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(located(problem) for problem in self.problems))


def located(problem: Problem) -> str:
    """The problem in one line, with its place before it."""
    place = ".".join(part for part in (problem.step, problem.field) if part)
    return f"{place}: {problem.text}" if place else str(problem.text)


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those of `problems` that keep the scenario from being published."""
    return tuple(problem for problem in problems if not problem.is_warning)
