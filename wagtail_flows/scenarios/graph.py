"""Graph: a scenario as steps and arrows. `parse` makes it from JSON, `dump` gives the JSON back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.audience import Audience
from wagtail_flows.scenarios.exits import ExitRule
from wagtail_flows.scenarios.problems import GraphInvalid, Problem
from wagtail_flows.scenarios.reading import Reader, is_identifier
from wagtail_flows.scenarios.references import Reference, Target
from wagtail_flows.scenarios.registry import step_kinds, trigger_kinds
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.trigger import Trigger


MAX_STEPS = 1_000
MAX_TRIGGERS = 50
MAX_EXITS = 50
MAX_OUTLETS = 50


@dataclass(frozen=True)
class Graph:
    """What a scenario does. Ids are unique; arrows may lead nowhere until `validation` has looked."""

    triggers: tuple[Trigger, ...]
    exits: tuple[ExitRule, ...]
    start: str
    steps: tuple[Step, ...]
    audience: Audience | None = None

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """The steps by their id."""
        return MappingProxyType({step.id: step for step in self.steps})

    def step(self, id: str) -> Step:  # noqa: A002
        """The step with this id. Raises KeyError."""
        return self.by_id[id]

    def references(self) -> Iterable[Reference]:
        """Everything it names outside of itself."""
        for trigger in self.triggers:
            yield from trigger.references()
        if self.audience is not None:
            yield from self.audience.references()
        for position, rule in enumerate(self.exits):
            yield from rule.references(f"exits.{position}")
        for step in self.steps:
            yield from step.references()

    def mailing_lists(self) -> set[str | None]:
        """The lists (public ids) that its e-mails go to; None stands for those that go to no list."""
        found: set[str | None] = set()
        for step in self.steps:
            targets = {reference.target: reference.key for reference in step.references()}
            if Target.MESSAGE in targets:
                found.add(targets.get(Target.MAILING_LIST))
        return found


@dataclass(frozen=True)
class Reading:
    """What could be read of some JSON, and what couldn't. `graph` lacks every part that has a problem."""

    graph: Graph
    problems: tuple[Problem, ...]


def parse(data: Any) -> Graph:
    """Make a graph from JSON. Raises GraphInvalid with every problem of form; whether it makes sense, `validation`
    says.
    """
    reading = read(data)
    if reading.problems:
        raise GraphInvalid(reading.problems)
    return reading.graph


def read(data: Any, *, by_name: bool = False) -> Reading:
    """Read as much as possible, for showing a draft: never raises, whatever `data` is. `by_name`: what it names outside
    of itself is called by name; such a graph is for `exchange` only.
    """
    problems: list[Problem] = []
    if not isinstance(data, Mapping):
        problems.append(Problem("", "", "not_an_object", _("The graph must be an object in braces.")))
        return Reading(Graph((), (), "", ()), tuple(problems))
    fields = Reader(data, problems, by_name=by_name)
    seen: set[str] = set()
    graph = Graph(
        start=fields.text("start", max_length=64),
        triggers=_read_triggers(_readers(fields, "triggers", MAX_TRIGGERS, problems, seen)),
        audience=_read_audience(fields),
        exits=_read_exits(fields, problems),
        steps=_read_steps(_readers(fields, "steps", MAX_STEPS, problems, seen)),
    )
    fields.close()
    return Reading(graph, tuple(problems))


def dump(graph: Graph) -> dict[str, Any]:
    """The graph as JSON: parsing it again gives an equal graph."""
    audience = {"audience": graph.audience.write()} if graph.audience is not None else {}
    return {
        "triggers": [written_trigger(trigger) for trigger in graph.triggers],
        **audience,
        "exits": [rule.write() for rule in graph.exits],
        "start": graph.start,
        "steps": [_dump_step(step) for step in graph.steps],
    }


def written_trigger(trigger: Trigger) -> dict[str, Any]:
    """A trigger as the JSON of its graph has it."""
    return {"id": trigger.id, "kind": trigger.kind, **trigger.write()}


def _dump_step(step: Step) -> dict[str, Any]:
    outlets = {"outlets": dict(step.outlets)} if step.outlets else {}
    return {"id": step.id, "kind": step.kind, **step.write(), **outlets}


def _read_triggers(readers: Iterable[Reader]) -> tuple[Trigger, ...]:
    found: list[Trigger] = []
    for fields in readers:
        kind = trigger_kinds()[fields.choice("kind", sorted(trigger_kinds()))]
        if fields.has_problems:
            continue
        trigger = kind.read(fields, id=fields.step)
        fields.close()
        if not fields.has_problems:
            found.append(trigger)
    return tuple(found)


def _read_steps(readers: Iterable[Reader]) -> tuple[Step, ...]:
    found: list[Step] = []
    for fields in readers:
        kind = step_kinds()[fields.choice("kind", sorted(step_kinds()))]
        if fields.has_problems:
            continue
        step = kind.read(fields, id=fields.step, outlets=_read_outlets(fields))
        fields.close()
        if not fields.has_problems:
            found.append(step)
    return tuple(found)


def _read_audience(fields: Reader) -> Audience | None:
    part = fields.part("audience")
    if part is None:
        return None
    audience = Audience.read(part)
    part.close()
    return None if part.has_problems else audience


def _read_exits(whole: Reader, problems: list[Problem]) -> tuple[ExitRule, ...]:
    found: list[ExitRule] = []
    for position, item in enumerate(whole.items("exits", MAX_EXITS)):
        fields = _reader(item, problems, path=f"exits.{position}", by_name=whole.by_name)
        if fields is None:
            continue
        rule = ExitRule.read(fields)
        fields.close()
        if not fields.has_problems:
            found.append(rule)
    return tuple(found)


def _readers(whole: Reader, name: str, maximum: int, problems: list[Problem], seen: set[str]) -> Iterable[Reader]:
    """One reader for each item of the list `name` that has an id of its own, noted in `seen`."""
    for position, item in enumerate(whole.items(name, maximum)):
        fields = _reader(item, problems, path=f"{name}.{position}")
        if fields is None:
            continue
        identifier = item.get("id")
        if not is_identifier(identifier):
            text = _("Give it an “id” of 1 to 64 letters (a–z), digits, “-” and “_”.")
            fields.note("id", "bad_id", text)
        elif identifier in seen:
            text = _("The id “%(id)s” is used twice: give each its own.")
            problems.append(Problem(identifier, "id", "duplicate_id", text % {"id": identifier}))
        else:
            seen.add(identifier)
            located = Reader(item, problems, step=identifier, by_name=whole.by_name)
            located.has("id")
            yield located


def _reader(item: Any, problems: list[Problem], path: str, *, by_name: bool = False) -> Reader | None:
    if not isinstance(item, Mapping):
        problems.append(Problem("", path, "not_an_object", _("This must be an object in braces.")))
        return None
    return Reader(item, problems, path=f"{path}.", by_name=by_name)


def _read_outlets(fields: Reader) -> Mapping[str, str]:
    part = fields.part("outlets")
    if part is None:
        return MappingProxyType({})
    if len(part.data) > MAX_OUTLETS:
        text = _("A step has at most %(max)d outlets.")
        part.note("", "too_many", text % {"max": MAX_OUTLETS})
        return MappingProxyType({})
    for outlet, target in part.data.items():
        if not (is_identifier(outlet) and is_identifier(target)):
            part.note(outlet, "bad_outlet", _("An outlet must name the id of the step that follows."))
    return MappingProxyType({} if part.has_problems else dict(part.data))
