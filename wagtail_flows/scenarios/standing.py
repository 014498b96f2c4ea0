"""Who stands where in a scenario. Enrollments are found by the name of their model: they live in a room above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Count, Min, QuerySet


if TYPE_CHECKING:
    from wagtail_flows.scenarios.models import Scenario
    from wagtail_flows.scenarios.publication_model import Publication


@dataclass(frozen=True)
class Standing:
    """`count` people inside stand at this step of this version. `due_at`: when the first of them goes on (None: only a
    person lets them); `came_at`: when the first came to the step; `entered_at`: into the scenario.
    """

    version_id: int
    version: int
    step: str
    count: int
    due_at: datetime | None
    came_at: datetime
    entered_at: datetime


def standing(scenario: Scenario) -> list[Standing]:
    """Everybody inside by version and step, in the order of the versions. One query."""
    groups = (
        _inside(scenario)
        .values("version_id", "version__number", "step")
        .annotate(count=Count("pk"), due=Min("due_at"), came=Min("step_entered_at"), entered=Min("entered_at"))
        .order_by("version__number", "step")
    )
    return [
        Standing(
            one["version_id"],
            one["version__number"],
            one["step"],
            one["count"],
            one["due"],
            one["came"],
            one["entered"],
        )
        for one in groups
    ]


def counts_by_step(scenario: Scenario) -> Mapping[str, int]:
    """How many people inside stand at steps of this id, whatever their version."""
    found: Counter[str] = Counter()
    for step, count in _inside(scenario).values_list("step").annotate(count=Count("pk")).order_by("step"):
        found[step] = count
    return found


def count_overdue(scenario: Scenario, now: datetime) -> int:
    """How many people were to go on by now."""
    return _inside(scenario).filter(status="active", due_at__lte=now).count()


def count_before(publication: Publication) -> int:
    """How many people are in a version that this publication replaces; those without a place in the new one stay."""
    return _inside(publication.scenario).filter(version__number__lt=publication.before).count()


def everybody_inside() -> QuerySet[Any]:
    """The enrollments of all who haven't left."""
    model: Any = apps.get_model("wagtail_flows", "Enrollment")
    people: QuerySet[Any] = model.objects.inside()
    return people


def _inside(scenario: Scenario) -> QuerySet[Any]:
    return everybody_inside().filter(scenario=scenario)
