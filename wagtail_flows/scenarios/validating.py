"""Whether a graph makes sense. Each rule is a file of `validation/`: `check(graph, known) -> problems`."""

from __future__ import annotations

import importlib
import pkgutil

from collections.abc import Callable, Iterable
from functools import cache

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios import validation
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References


Rule = Callable[[Graph, References], Iterable[Problem]]


def validate(graph: Graph, known: References) -> tuple[Problem, ...]:
    """Every problem of a graph that was read without any, by rule and then by step; `known` is what it may name."""
    return tuple(problem for check in _rules() for problem in check(graph, known))


@cache
def _rules() -> tuple[Rule, ...]:
    found = sorted(module.name for module in pkgutil.iter_modules(validation.__path__))
    return tuple(importlib.import_module(f"{validation.__name__}.{name}").check for name in found)
