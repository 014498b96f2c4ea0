"""What listens now: the triggers of live scenarios, as the engine asks for them, from published versions only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from wagtail_flows.scenarios.graph import Graph, read, written_trigger
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion
from wagtail_flows.scenarios.publishing import what_it_hears
from wagtail_flows.scenarios.trigger import Trigger


@dataclass(frozen=True)
class ListeningTrigger:
    """One trigger of the current version of a scenario that takes people in.

    Only events recorded after `starts_with_events_after` may start an enrollment.
    """

    scenario_id: int
    version_id: int
    trigger: Trigger
    graph: Graph
    starts_with_events_after: datetime


def listening(kind: str) -> list[ListeningTrigger]:
    """The triggers that an event of this kind may start, in the order of their scenarios. One small query."""
    return [found for found in _all_listening() if kind in found.trigger.event_kinds()]


def listening_as(kind: str) -> list[ListeningTrigger]:
    """The triggers of this kind, such as those that are swept, in the order of their scenarios. One small query."""
    return [found for found in _all_listening() if found.trigger.kind == kind]


@dataclass(frozen=True)
class Published:
    """A version of a scenario, with its graph."""

    scenario_id: int
    version_id: int
    graph: Graph
    published_at: datetime


def current_versions() -> list[Published]:
    """The versions of the scenarios that take people in. One small query."""
    current = Scenario.objects.taking_in().order_by("pk")
    names = [f"current_version__{name}" for name in ("id", "graph_hash", "published_at")]
    return [_published(*row) for row in current.values_list("pk", *names)]


def all_versions(scenario_ids: Iterable[int]) -> list[Published]:
    """Every version that these scenarios ever had, the oldest first. One query."""
    versions = ScenarioVersion.objects.filter(scenario__in=scenario_ids).order_by("pk")
    return [_published(*row) for row in versions.values_list("scenario_id", "pk", "graph_hash", "published_at")]


def _published(scenario_id: int, version_id: int, graph_hash: str, published_at: datetime) -> Published:
    return Published(scenario_id, version_id, _graph(version_id, graph_hash), published_at)


def listening_like(scenario_id: int, hearing: str) -> ListeningTrigger | None:
    """The trigger of this scenario that hears this (see `publishing.what_it_hears`), if it takes people in. One small
    query.
    """
    of_it = (found for found in _all_listening() if found.scenario_id == scenario_id)
    return next((found for found in of_it if what_it_hears(written_trigger(found.trigger)) == hearing), None)


def _all_listening() -> Iterator[ListeningTrigger]:
    current = Scenario.objects.taking_in().order_by("pk")
    names = ("id", "graph_hash", "starts_with_events_after", "listening_since")
    version = [f"current_version__{name}" for name in names]
    for scenario_id, version_id, graph_hash, starts_after, earlier in current.values_list("pk", *version):
        graph = _graph(version_id, graph_hash)
        for trigger in graph.triggers:
            since = datetime.fromisoformat(earlier[trigger.id]) if trigger.id in earlier else starts_after
            yield ListeningTrigger(scenario_id, version_id, trigger, graph, since)


@lru_cache(maxsize=512)
def _graph(version_id: int, graph_hash: str) -> Graph:
    """Kept in memory: a version never changes. The hash is asked for because a key may come back: a version whose
    transaction was rolled back leaves its key to the next one.

    What can no longer be read (a kind whose package was removed) is missing from it, and doesn't stop other scenarios.
    """
    return read(ScenarioVersion.objects.values_list("graph", flat=True).get(pk=version_id)).graph
