"""Walking a graph along its arrows. Nothing here recurses: a graph may be a thousand steps deep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.step import Step


def reachable(graph: Graph) -> list[str]:
    """Ids of the steps that can be come to from the start, each path followed to its end before the next."""
    found: dict[str, None] = {}
    waiting = [graph.start]
    while waiting:
        identifier = waiting.pop()
        if identifier in graph.by_id and identifier not in found:
            found[identifier] = None
            waiting.extend(reversed(list(graph.by_id[identifier].outlets.values())))
    return list(found)


def leading_to(graph: Graph, ends: Iterable[str]) -> set[str]:
    """Ids of the steps from which at least one of `ends` can be come to, `ends` included."""
    before: dict[str, list[str]] = {}
    for step in graph.steps:
        for target in step.outlets.values():
            before.setdefault(target, []).append(step.id)
    found: set[str] = set()
    waiting = list(ends)
    while waiting:
        identifier = waiting.pop()
        if identifier not in found:
            found.add(identifier)
            waiting.extend(before.get(identifier, ()))
    return found


def led_to(graph: Graph, starts: Iterable[Step], through: Callable[[Step], bool]) -> set[str]:
    """Ids of the steps that can be come to from the outlets of `starts`, passing only steps accepted by `through`."""
    found: set[str] = set()
    waiting = [target for step in starts for target in step.outlets.values()]
    while waiting:
        identifier = waiting.pop()
        if identifier in graph.by_id and identifier not in found:
            found.add(identifier)
            step = graph.by_id[identifier]
            waiting.extend(step.outlets.values() if through(step) else ())
    return found


def in_loops(graph: Graph, through: Callable[[Step], bool]) -> set[str]:
    """Ids of the steps that lie on a loop, or between two, made of steps accepted by `through` only.

    Steps that nothing leads to, or that lead nowhere, are peeled off until nothing is left to peel.
    """
    chosen = {step.id for step in graph.steps if through(step)}
    after = {name: {target for target in graph.by_id[name].outlets.values() if target in chosen} for name in chosen}
    return set(_peeled(_turned(_peeled(after))))


def _peeled(after: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """`after` without the steps from which every way ends."""
    before = _turned(after)
    left = {name: len(targets) for name, targets in after.items()}
    ending = [name for name, count in left.items() if count == 0]
    while ending:
        name = ending.pop()
        del left[name]
        for source in before[name]:
            left[source] -= 1
            if left[source] == 0:
                ending.append(source)
    return {name: {target for target in after[name] if target in left} for name in left}


def _turned(after: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same arrows, pointing the other way."""
    before: dict[str, set[str]] = {name: set() for name in after}
    for name, targets in after.items():
        for target in targets:
            before[target].add(name)
    return before
