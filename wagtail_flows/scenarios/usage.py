"""Which scenarios need something that is about to be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, Model, OuterRef

from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.scenarios.graph import read
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion
from wagtail_flows.scenarios.references import Target
from wagtail_flows.scenarios.standing import everybody_inside
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import texts_in
from wagtail_flows.segments.sources.properties import PREFIX


def graphs_in_use() -> Iterator[tuple[Scenario, list[Any]]]:
    """Every scenario with the graphs that need what they name: its draft and its current version, unless it is
    archived, and each version that somebody is inside.
    """
    inside = everybody_inside().filter(version=OuterRef("pk"))
    running: dict[int, list[Any]] = {}
    for scenario_id, graph in ScenarioVersion.objects.filter(Exists(inside)).values_list("scenario_id", "graph"):
        running.setdefault(scenario_id, []).append(graph)
    for scenario in Scenario.objects.select_related("current_version"):
        published = [scenario.current_version.graph] if scenario.current_version else []
        kept = [] if scenario.archived_at else [scenario.graph, *published]
        yield scenario, [*kept, *running.get(scenario.pk, [])]


def scenarios_naming_list(mailing_list: MailingList) -> Iterator[Scenario]:
    """Scenarios with a graph in use that names the list anywhere, also inside the rule of a condition."""
    yield from _writing(str(mailing_list.public_id))


def scenarios_naming_message(message: Model) -> Iterator[Scenario]:
    """Scenarios with a graph in use that names the e-mail; none while it is left in another language."""
    key = message.translation_key  # type: ignore[attr-defined]
    others = type(message)._default_manager.filter(translation_key=key).exclude(pk=message.pk)
    if not others.exists():
        yield from _naming(Target.MESSAGE, str(key))


def scenarios_naming_webhook(endpoint: Model) -> Iterator[Scenario]:
    """Scenarios whose draft or current version calls the webhook endpoint."""
    yield from _naming(Target.WEBHOOK, str(endpoint.public_id))  # type: ignore[attr-defined]


def _naming(target: Target, key: str) -> Iterator[Scenario]:
    for scenario, graphs in graphs_in_use():
        if any(_names(graph, target, key) for graph in graphs):
            yield scenario


def _names(graph: Any, target: Target, key: str) -> bool:
    """Broken parts of a draft name nothing: they have to be mended before anything could need them."""
    return any((one.target, one.key) == (target, key) for one in read(graph).graph.references())


def scenarios_naming_segment(segment: Segment) -> Iterator[Scenario]:
    """Scenarios with a graph in use that names the segment anywhere, also inside the rule of a condition."""
    yield from _writing(str(segment.public_id))


def scenarios_naming_property(known: Property) -> Iterator[Scenario]:
    """Scenarios with a graph in use that names the property, also inside the rule of a condition."""
    named = [*_naming(Target.PROPERTY, known.name), *_writing(PREFIX + known.name)]
    yield from {scenario.pk: scenario for scenario in named}.values()


def _writing(key: str) -> Iterator[Scenario]:
    for scenario, graphs in graphs_in_use():
        if key in texts_in(graphs):
            yield scenario
