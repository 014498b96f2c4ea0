"""What the words of `flows_scenario` mean: a file, or a scenario's draft, published graph or numbered version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.scenarios.exchange import read_file
from wagtail_flows.scenarios.importing import draft_of
from wagtail_flows.scenarios.models import Scenario


DRAFT, LIVE = "draft", "live"
SUFFIXES = (".yaml", ".yml")


class NotFound(FlowsError):
    """No file and no scenario of this name; the message says what was looked for."""


@dataclass(frozen=True)
class Told:
    """A graph (JSON) with where it comes from."""

    name: str
    label: str
    graph: Any
    plan: Any


def find(words: str) -> Told:
    """`scenario.yaml`, `Name`, `Name@draft`, `Name@live` or `Name@3`. Raises FlowsError."""
    if words.endswith(SUFFIXES):
        return from_file(Path(words))
    scenario = by_name(words)
    if scenario is not None:
        return of(scenario, DRAFT)
    name, _at, which = words.rpartition("@")
    scenario = by_name(name)
    if scenario is None:
        raise NotFound(f"There is no scenario called “{words}”. A file must end in .yaml or .yml.")
    return of(scenario, which)


def of(scenario: Scenario, which: str) -> Told:
    """The draft, what is published, or a version by its number. Raises NotFound."""
    label = f"{scenario.name}@{which}"
    if which == DRAFT:
        draft = draft_of(scenario)
        return Told(scenario.name, label, draft.graph, draft.plan)
    versions = scenario.versions.all()
    found = scenario.current_version if which == LIVE else None
    if which.isascii() and which.isdigit() and len(which) < 10:
        found = versions.filter(number=int(which)).first()
    if found is None:
        raise NotFound(f"“{scenario.name}” has no version “{which}”: write @draft, @live or the number of a version.")
    return Told(scenario.name, label, found.graph, {})


def from_file(path: Path) -> Told:
    """Raises FlowsError, also for what can't be opened."""
    content = read_file(bytes_of(path))
    return Told(content.name, str(path), content.graph, {})


def bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} can’t be read: {error.strerror}.") from error


def by_name(name: str) -> Scenario | None:
    """Raises NotFound where several have the name."""
    found = list(Scenario.objects.select_related("current_version").filter(name=name)[:2])
    if len(found) > 1:
        raise NotFound(f"Several scenarios are called “{name}”: rename them first.")
    return found[0] if found else None


def everything() -> Iterator[Told]:
    """Every scenario's draft, by name."""
    for scenario in Scenario.objects.select_related("latest_revision").order_by("name", "pk"):
        yield of(scenario, DRAFT)
