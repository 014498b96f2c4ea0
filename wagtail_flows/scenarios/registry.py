"""The kinds of step and trigger there are: every file of `steps/` and `triggers/`, and what third parties register.

Third parties return a class from the Wagtail hooks `register_flows_step` and `register_flows_trigger`; whoever composes
the app hands them to `register_step` and `register_trigger`.
"""

from __future__ import annotations

import importlib
import pkgutil

from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.scenarios import steps, triggers
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.trigger import Trigger


K = TypeVar("K", type[Step], type[Trigger])


class KindTaken(FlowsError):
    """Another class is registered for this kind already: give yours another `kind`, for instance with your package's
    name before it.
    """


def register_step(kind: type[Step]) -> None:
    """Make a kind of step known. Registering the same class again changes nothing."""
    _add(step_kinds(), kind)


def register_trigger(kind: type[Trigger]) -> None:
    """Make a kind of trigger known. Registering the same class again changes nothing."""
    _add(trigger_kinds(), kind)


@cache
def step_kinds() -> dict[str, type[Step]]:
    """All kinds of step by their name."""
    return {kind.kind: kind for kind in _declared_in(steps, Step)}


@cache
def trigger_kinds() -> dict[str, type[Trigger]]:
    """All kinds of trigger by their name."""
    return {kind.kind: kind for kind in _declared_in(triggers, Trigger)}


def _add(known: dict[str, K], kind: K) -> None:
    if known.setdefault(kind.kind, kind) is not kind:
        raise KindTaken(f"The kind “{kind.kind}” is taken by {known[kind.kind].__qualname__}.")


def _declared_in(package: ModuleType, base: type) -> list[Any]:
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]
