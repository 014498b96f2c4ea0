"""The graphs that enrollments are pinned to, each parsed once."""

from __future__ import annotations

import json

from collections.abc import Iterable
from functools import lru_cache

from wagtail_flows.scenarios.graph import Graph, read
from wagtail_flows.scenarios.models import ScenarioVersion


REMEMBERED = 256


def graphs(version_ids: Iterable[int]) -> dict[int, Graph]:
    """The graphs of these versions by id, with one query.

    A part that can no longer be read (a kind of step whose package was removed) is missing from its graph: who stands
    there is found out when they are moved, everybody else goes on.
    """
    stored = ScenarioVersion.objects.filter(pk__in=set(version_ids)).values_list("pk", "graph")
    return {pk: _read(json.dumps(graph)) for pk, graph in stored}


def scenario_ids(version_ids: Iterable[int]) -> dict[int, str]:
    """The public ids of the scenarios of these versions, by the version's id, with one query."""
    stored = ScenarioVersion.objects.filter(pk__in=set(version_ids))
    return {pk: str(public_id) for pk, public_id in stored.values_list("pk", "scenario__public_id")}


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> Graph:
    """Remembered by what it says and not by its id: an id may come back where a transaction was rolled back."""
    return read(json.loads(text)).graph
