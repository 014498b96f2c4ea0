"""Exchange: a scenario as a text that another site understands. Everything outside of the graph is called by its name;
the ids of steps and triggers are part of what the graph says, and stay.
"""

from __future__ import annotations

import copy

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.scenarios.graph import Graph, dump, read
from wagtail_flows.scenarios.naming import Names, namer_of
from wagtail_flows.scenarios.places import Place, path_of, places, put
from wagtail_flows.scenarios.problems import Problem, located
from wagtail_flows.scenarios.yaml_text import BadYAML, Located, Path, read_yaml, write_yaml
from wagtail_flows.segments.compiling import Scope


FORMAT = 1
HEADER = (
    "# A scenario of wagtail_flows. E-mails, lists, segments, pages and the like are called by their names;\n"
    "# the site that reads this must have them.\n"
)
LONGEST_NAME = 150
MAX_PROBLEMS = 100


class NotExportable(FlowsError):
    """The graph can't be said without ids: mend what `problems` lists, and try again."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(located(problem) for problem in self.problems))


class NotReadable(FlowsError):
    """The file can't be read; `problems` says where and why, one sentence each. Nothing was changed."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)[:MAX_PROBLEMS]
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Content:
    """What a file says: the name of a scenario, and its graph as this site stores it."""

    name: str
    graph: dict[str, Any]


def export(name: str, graph: Any) -> str:
    """The text of a scenario's graph (JSON). Raises NotExportable."""
    reading = read(graph)
    if reading.problems:
        raise NotExportable(reading.problems)
    data = dump(reading.graph)
    called, problems = _called(_places(reading.graph, data))
    if problems:
        raise NotExportable(problems)
    for place, text in called:
        put(data, place.path, text)
    return HEADER + write_yaml({"format": FORMAT, "name": name, **data})


def read_file(source: bytes | str) -> Content:
    """What a file says here. Raises NotReadable; things that aren't on this site are listed all at once."""
    try:
        text = read_yaml(source)
    except BadYAML as bad:
        raise NotReadable([str(bad)]) from bad
    name, body = _heading(text)
    reading = read(body, by_name=True)
    if reading.problems:
        raise NotReadable(_on_line(text, path_of(problem, body), located(problem)) for problem in reading.problems)
    # Written anew, so that places are where the graph says; lines are looked up in what was typed.
    data = dump(reading.graph)
    found, unknown = _meant(_places(reading.graph, data))
    if unknown:
        raise NotReadable(_on_line(text, place.path, told) for place, told in unknown)
    for place, key in found:
        put(data, place.path, int(key) if place.is_number else key)
    again = read(data)
    if again.problems:
        raise NotReadable(located(problem) for problem in again.problems)
    return Content(name, dump(again.graph))


def _places(graph: Graph, data: Mapping[str, Any]) -> list[Place]:
    fields = {name: field for name, (field, _source) in Scope().answers.items()}
    return list(places(graph, copy.deepcopy(data), fields))


def _heading(text: Located) -> tuple[str, dict[str, Any]]:
    """The name, and the rest of the file: the graph."""
    if not isinstance(text.data, dict):
        raise NotReadable([_("This file holds no scenario: it must begin with “format: 1” and “name: …”.")])
    body = dict(text.data)
    number, name = body.pop("format", None), body.pop("name", None)
    if number != FORMAT:
        told = _("“format” must be %(number)d: this file was written by another version.") % {"number": FORMAT}
        raise NotReadable([_on_line(text, ("format",), told)])
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= LONGEST_NAME:
        told = _("“name” must be the name of the scenario: 1 to %(max)d characters.") % {"max": LONGEST_NAME}
        raise NotReadable([_on_line(text, ("name",), told)])
    return name.strip(), body


def _on_line(text: Located, path: Path, told: str) -> str:
    return _("Line %(line)d: %(text)s") % {"line": text.line_of(path), "text": told}


class _Book:
    """The names of each kind of thing, looked up when it is needed."""

    def __init__(self) -> None:
        self._known: dict[str, Names | None] = {}

    def __getitem__(self, kind: str) -> Names | None:
        """None: a key is its own name."""
        if kind not in self._known:
            namer = namer_of(kind)
            self._known[kind] = Names.of(namer.rows()) if namer is not None else None
        return self._known[kind]


def _called(named: Sequence[Place]) -> tuple[list[tuple[Place, str]], list[Problem]]:
    """What to write at each place."""
    book, found, problems = _Book(), [], []
    for place in named:
        names = book[place.kind]
        if names is None:
            continue
        name = names.name(place.key)
        if name is not None:
            found.append((place, name))
        elif place.key in names.names:
            text = _("Another %(kind)s is called “%(name)s” too: rename one of them.")
            values = {"kind": _label(place.kind), "name": names.names[place.key][0]}
            problems.append(Problem(place.step, place.field, "ambiguous", text % values))
        else:
            text = _("There is no %(kind)s with the identifier %(key)s: choose another one.")
            values = {"kind": _label(place.kind), "key": place.key}
            problems.append(Problem(place.step, place.field, "unknown", text % values))
    return found, problems


def _meant(named: Sequence[Place]) -> tuple[list[tuple[Place, str]], list[tuple[Place, str]]]:
    """The key of what each place names; and what this site doesn't have, or has twice, in words."""
    book = _Book()
    found: list[tuple[Place, str]] = []
    unknown: list[tuple[Place, str]] = []
    for place in named:
        names = book[place.kind]
        if names is None:
            continue
        keys = names.keys.get(place.key, frozenset())
        if len(keys) == 1:
            found.append((place, next(iter(keys))))
        else:
            unknown.append((place, _unknown(place, names, is_twice=len(keys) > 1)))
    return found, unknown


def _unknown(place: Place, names: Names, *, is_twice: bool) -> str:
    values = {"kind": _label(place.kind), "name": place.key, "place": ".".join(filter(None, (place.step, place.field)))}
    if is_twice:
        text = _("%(place)s: several things of the kind %(kind)s are called “%(name)s” here: rename them, or the file.")
        return text % values
    alike = names.alike(place.key)
    if not alike:
        return _("%(place)s: there is no %(kind)s called “%(name)s” here: make it first.") % values
    values["alike"] = ", ".join(_("“%(text)s”") % {"text": name} for name in alike)
    text = _("%(place)s: there is no %(kind)s called “%(name)s” here. Is %(alike)s meant? Else make it first.")
    return text % values


def _label(kind: str) -> str:
    namer = namer_of(kind)
    return str(namer.label) if namer is not None else kind
