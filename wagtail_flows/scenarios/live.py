"""What listens now: the triggers of live scenarios, as the engine asks for them, from published versions only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from wagtail_flows.scenarios.graph import Graph, parse
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion
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


def listened_kinds() -> frozenset[str]:
    """Every kind of event that may start an enrollment now."""
    return frozenset(kind for found in _all_listening() for kind in found.trigger.event_kinds())


def graph_of(version_id: int) -> Graph:
    """The graph of a published version, also of an old one. Raises ScenarioVersion.DoesNotExist.

    It is kept in memory: a version never changes.
    """
    return _graph_of(version_id)


def _all_listening() -> Iterator[ListeningTrigger]:
    current = Scenario.objects.taking_in().order_by("pk")
    rows = current.values_list("pk", "current_version_id", "current_version__starts_with_events_after")
    for scenario_id, version_id, starts_after in rows:
        graph = _graph_of(version_id)
        for trigger in graph.triggers:
            yield ListeningTrigger(scenario_id, version_id, trigger, graph, starts_after)


@lru_cache(maxsize=512)
def _graph_of(version_id: int) -> Graph:
    return parse(ScenarioVersion.objects.values_list("graph", flat=True).get(pk=version_id))
