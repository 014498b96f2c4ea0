"""Publishing: version, plan and live flag change in one transaction, by whatever path publishing came."""

from __future__ import annotations

import json
import logging

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.db import locked
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.graph import dump, read
from wagtail_flows.scenarios.log_actions import PLAN_ACTION, REFUSED_ACTION
from wagtail_flows.scenarios.plan import Inside, Plan, StartWith, plan_problems, read_plan
from wagtail_flows.scenarios.problems import GraphInvalid, errors
from wagtail_flows.scenarios.standing import counts_by_step
from wagtail_flows.scenarios.validating import validate


if TYPE_CHECKING:
    from wagtail.models import Revision

    from wagtail_flows.scenarios.models import Scenario, ScenarioVersion


logger = logging.getLogger("wagtail_flows")

# What Wagtail's command publish_scheduled passes as `log_action`; the only thing that tells its path from the others.
SCHEDULED = "wagtail.publish.scheduled"


class ScenarioNotPublishable(GraphInvalid):
    """The scenario has errors: mend what `problems` lists, save, and publish again. What was live before still is."""


def problems_of(graph: Any, plan: Any, standing: Mapping[str, int] | None = None) -> tuple[Problem, ...]:
    """Everything wrong with a draft (both are JSON, of any shape), errors and warnings. `standing`: how many people
    stand at which step, where the plan is to be carried out now.
    """
    reading = read(graph)
    wanted, malformed = read_plan(plan)
    if reading.problems:
        return (*reading.problems, *malformed)
    made_sense = validate(reading.graph, catalogue.known(reading.graph.references()))
    return (*made_sense, *malformed, *plan_problems(wanted, reading.graph.by_id, standing or {}))


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
        if found := errors(_what_stands_against(row, draft)):
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
        _carry_out(row, version, read_plan(draft.plan)[0], user)
    scenario.current_version, scenario.plan = version, {}
    return version


def _what_stands_against(row: Scenario, draft: Scenario) -> tuple[Problem, ...]:
    archived = () if row.archived_at is None else (Problem("", "", "archived", _("It is archived: restore it first.")),)
    is_moving = read_plan(draft.plan)[0].inside is Inside.MOVE
    return (*archived, *problems_of(draft.graph, draft.plan, counts_by_step(row) if is_moving else None))


def _carry_out(row: Scenario, version: ScenarioVersion, plan: Plan, user: Any) -> None:
    """Note what the runner is to do with people, in the same transaction: however many they are, that is one row. A
    plan is obeyed once, so none is left for the next publishing.
    """
    type(row)._default_manager.filter(pk=row.pk).update(plan={})
    if (plan.inside, plan.start_with) == (Inside.STAY, StartWith.FUTURE):
        return
    is_also_matching = plan.start_with is StartWith.ALSO_MATCHING
    row.publications.create(
        version=version,
        plan=plan.write(),
        inside=plan.inside,
        before=version.number,
        intake=[{"trigger": trigger, "mark": 0} for trigger in version.graph["triggers"] if is_also_matching],
        published_at=clock.now(),
    )
    log(row, PLAN_ACTION, user=user, data={"plan": plan.write(), "version": version.number})
    bell.ring()


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
        starts_with_events_after=now,
        listening_since=listening_since(row, normal),
        published_at=now,
        published_by=user,
    )


def listening_since(row: Scenario, graph: Mapping[str, Any]) -> dict[str, str]:
    """Since when triggers that stay have been live (ISO, by id), whatever else changes. Whose event waits to be matched
    at this moment mustn't be lost between two versions.
    """
    current = row.current_version
    if not row.live or current is None:
        return {}
    before = {what_it_hears(trigger): current.listens_since(trigger["id"]) for trigger in current.graph["triggers"]}
    return {
        trigger["id"]: before[what_it_hears(trigger)].isoformat()
        for trigger in graph["triggers"]
        if what_it_hears(trigger) in before
    }


def what_it_hears(trigger: Mapping[str, Any]) -> str:
    """The JSON of a trigger without its name, and without how often it lets somebody in: triggers that are alike in
    this hear the same.
    """
    return json.dumps({name: trigger[name] for name in trigger if name not in ("id", "reentry")}, sort_keys=True)


def _take_back_schedule(row: Scenario, revision: Revision, found: tuple[Problem, ...]) -> None:
    refusal = ScenarioNotPublishable(found)
    logger.error("The scheduled publishing of scenario “%s” was refused: %s", row, refusal)
    row.revisions.filter(pk=revision.pk).update(approved_go_live_at=None)
    log(row, REFUSED_ACTION, revision=revision, data={"problems": [problem.as_json() for problem in found]})
