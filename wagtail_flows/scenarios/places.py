"""Where in the JSON of a graph things outside of it are named, also inside the rules that it asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.problems import Problem
from wagtail_flows.scenarios.references import Reference, Target
from wagtail_flows.scenarios.yaml_text import Path
from wagtail_flows.segments.fields import Fields


@dataclass(frozen=True)
class Place:
    """`kind` of thing, by its `Target` or by what fields of rules refer to; `key`: what stands at `path`, as a text.
    `step` and `field`: the same place as problems give it. `is_number`: it is stored as a number.
    """

    path: Path
    kind: str
    key: str
    step: str
    field: str
    is_number: bool = False


def places(graph: Graph, data: Mapping[str, Any], fields: Fields) -> Iterator[Place]:
    """Everything that `graph` names, found in `data`, its JSON. `fields`: those that rules may ask about."""
    starts = _starts(data)
    for reference in graph.references():
        path = (*starts.get(reference.step, ()), *_steps_into(reference.field))
        if reference.target is Target.RULE:
            yield from _in_rule(at(data, path), path, reference, fields)
        else:
            is_number = reference.target is Target.PAGE
            yield Place(path, reference.target.value, reference.key, reference.step, reference.field, is_number)


def path_of(problem: Problem, data: Any) -> Path:
    """Where in `data` (of any shape) a problem is, as far as it says."""
    return (*_starts(data).get(problem.step, ()), *_steps_into(problem.field))


def at(data: Any, path: Path) -> Any:
    """What stands there. Raises LookupError."""
    for part in path:
        data = data[part]
    return data


def put(data: Any, path: Path, value: Any) -> None:
    """Put a value there, into `data` itself. Raises LookupError."""
    at(data, path[:-1])[path[-1]] = value


def _starts(data: Any) -> dict[str, Path]:
    """The way to each step and trigger, by id."""
    found: dict[str, Path] = {}
    for name in ("triggers", "steps"):
        items = data.get(name) if isinstance(data, Mapping) else None
        for position, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, Mapping) and isinstance(item.get("id"), str):
                found.setdefault(item["id"], (name, position))
    return found


def _steps_into(dotted: str) -> Path:
    return tuple(int(part) if part.isdecimal() else part for part in dotted.split(".") if part)


def _in_rule(rule: Any, path: Path, reference: Reference, fields: Fields) -> Iterator[Place]:
    if not isinstance(rule, Mapping):
        return
    if isinstance(rule.get("rules"), list):
        for position, inner in enumerate(rule["rules"]):
            yield from _in_rule(inner, (*path, "rules", position), reference, fields)
    known = fields.get(rule["field"]) if isinstance(rule.get("field"), str) else None
    if known is None:
        return
    options = rule.get("options")
    asked: list[tuple[Path, str, Any]] = [(("value",), known.refers_to, rule.get("value"))]
    asked += [
        (("options", option.name), option.refers_to, options[option.name])
        for option in known.options
        if isinstance(options, Mapping) and option.name in options
    ]
    for way, kind, value in asked:
        if kind:
            yield from (
                Place((*path, *inner), kind, key, reference.step, ".".join([reference.field, *map(str, inner)]))
                for inner, key in _texts(way, value)
            )


def _texts(way: Path, value: Any) -> Iterable[tuple[Path, str]]:
    if isinstance(value, str):
        return [(way, value)]
    items = enumerate(value if isinstance(value, list) else ())
    return [((*way, position), item) for position, item in items if isinstance(item, str)]
