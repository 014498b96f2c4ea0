"""The random splits of live scenarios that look for a winner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from wagtail_flows.engine.zones import zone_named
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.live import Published
from wagtail_flows.scenarios.steps.random_split import RandomSplit
from wagtail_flows.scenarios.winners import WinnerRule


@dataclass(frozen=True)
class LiveSplit:
    """A split with its rule, in the current version of its scenario. `since`: when it was first published as it is;
    `version_ids`: the versions that have it so.
    """

    scenario_id: int
    version_id: int
    step: RandomSplit
    rule: WinnerRule
    since: datetime
    version_ids: tuple[int, ...]

    @property
    def key(self) -> tuple[int, str, str]:
        """What its winner is stored under."""
        return (self.scenario_id, self.step.id, self.step.fingerprint)

    @property
    def first_look_at(self) -> datetime:
        """When its winner is first looked for, by the rule."""
        return self.rule.due_at(self.since, zone_named(""))


def live_splits(scenario_id: int | None = None) -> list[LiveSplit]:
    """Those of every live scenario, or of one. One small query, and another where there are any."""
    current = [one for one in live.current_versions() if scenario_id in (None, one.scenario_id)]
    looking = [(one, step, rule) for one in current for step, rule in _with_winner(one)]
    if not looking:
        return []
    versions = live.all_versions({one.scenario_id for one, _step, _rule in looking})
    return [_live_split(one, step, rule, versions) for one, step, rule in looking]


def _with_winner(published: Published) -> Iterator[tuple[RandomSplit, WinnerRule]]:
    for step in published.graph.steps:
        if isinstance(step, RandomSplit) and step.winner is not None:
            yield step, step.winner


def _live_split(current: Published, step: RandomSplit, rule: WinnerRule, versions: list[Published]) -> LiveSplit:
    same = [one for one in versions if one.scenario_id == current.scenario_id and _has(one, step)]
    return LiveSplit(
        scenario_id=current.scenario_id,
        version_id=current.version_id,
        step=step,
        rule=rule,
        since=min((one.published_at for one in same), default=current.published_at),
        version_ids=tuple(one.version_id for one in same),
    )


def _has(published: Published, step: RandomSplit) -> bool:
    there = published.graph.by_id.get(step.id)
    return isinstance(there, RandomSplit) and there.fingerprint == step.fingerprint
