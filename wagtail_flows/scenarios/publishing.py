"""Publishing: version, plan and live flag change in one transaction, by whatever path publishing came."""

from __future__ import annotations

import logging

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from wagtail.log_actions import log

from wagtail_flows.lib import clock
from wagtail_flows.lib.db import locked
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.graph import dump, read
from wagtail_flows.scenarios.log_actions import REFUSED_ACTION
from wagtail_flows.scenarios.plan import read_plan
from wagtail_flows.scenarios.problems import GraphInvalid, errors
from wagtail_flows.scenarios.validating import validate


if TYPE_CHECKING:
    from wagtail.models import Revision

    from wagtail_flows.scenarios.models import Scenario, ScenarioVersion


logger = logging.getLogger("wagtail_flows")

# What Wagtail's command publish_scheduled passes as `log_action`; the only thing that tells its path from the others.
SCHEDULED = "wagtail.publish.scheduled"


class ScenarioNotPublishable(GraphInvalid):
    """The scenario has errors: mend what `problems` lists, save, and publish again. What was live before still is."""


def problems_of(graph: Any, plan: Any) -> tuple[Problem, ...]:
    """Everything wrong with a draft (both are JSON, of any shape), errors and warnings."""
    reading = read(graph)
    made_sense = validate(reading.graph, catalogue.known(reading.graph.references())) if not reading.problems else ()
    return (*reading.problems, *made_sense, *read_plan(plan)[1])


def publish(
    scenario: Scenario, revision: Revision, go_live: Callable[[], None], *, user: Any, has_somebody_to_tell: bool
) -> ScenarioVersion | None:
    """Publish or schedule `revision` by `go_live`, Wagtail's own way of doing it.

    Raises ScenarioNotPublishable for a draft with errors; nothing has changed then. A scheduled moment has nobody to
    tell: its schedule is taken back, the refusal is logged in the history, and other objects' schedules go on. Returns
    the version that is current from now on, None where nothing went live.
    """
    with transaction.atomic():
        row = locked(type(scenario)._default_manager.filter(pk=scenario.pk)).get()
        revision.content_object = row
        draft: Scenario = revision.as_object()
        if found := errors(problems_of(draft.graph, draft.plan)):
            if has_somebody_to_tell:
                raise ScenarioNotPublishable(found)
            _take_back_schedule(row, revision, found)
            return None
        if _is_for_later(draft.go_live_at):
            go_live()
            return None
        version = _version_for(row, draft.graph, user)
        # The row that Wagtail saves carries the new version with it: one write, and signals see it.
        row.current_version = version
        go_live()
    scenario.current_version = version
    return version


def _is_for_later(go_live_at: datetime | None) -> bool:
    """Asked of Wagtail's clock: it is Wagtail that makes the object live."""
    return go_live_at is not None and go_live_at > timezone.now()  # noqa: TID251


def _version_for(row: Scenario, graph: Mapping[str, Any], user: Any) -> ScenarioVersion:
    """The current version where the same graph is live already (only the name changed, say), else a new one.

    The caller holds the lock on `row`, so numbers are distinct.
    """
    normal = dump(read(graph).graph)
    if row.live and row.current_version is not None and row.current_version.graph == normal:
        return row.current_version
    now = clock.now()
    last = row.versions.aggregate(last=Max("number"))["last"] or 0
    return row.versions.create(
        number=last + 1,
        graph=normal,
        starts_with_events_after=_listening_since(row, normal) or now,
        published_at=now,
        published_by=user,
    )


def _listening_since(row: Scenario, graph: Mapping[str, Any]) -> datetime | None:
    """Since when the same triggers have been live; None where they haven't. Whose event waits to be matched at this
    moment mustn't be lost between two versions.
    """
    if row.live and row.current_version is not None and row.current_version.graph["triggers"] == graph["triggers"]:
        return row.current_version.starts_with_events_after
    return None


def _take_back_schedule(row: Scenario, revision: Revision, found: tuple[Problem, ...]) -> None:
    refusal = ScenarioNotPublishable(found)
    logger.error("The scheduled publishing of scenario “%s” was refused: %s", row, refusal)
    row.revisions.filter(pk=revision.pk).update(approved_go_live_at=None)
    log(row, REFUSED_ACTION, revision=revision, data={"problems": [problem.as_json() for problem in found]})
