"""What the tables don't tell afterwards: which plan was published when, and who was moved by it from where to where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.engine.everything.graphs import BY_HAND
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.models import ScenarioVersion


LEFT_BY_PUBLISHING = "left_by_publishing"
# Version (primary key) and step; None for out.
Place = tuple[int, str] | None


@dataclass(frozen=True)
class Order:
    """What one publishing wants of people in versions before number `before`: their place in its own version."""

    version_id: int
    number: int
    before: int
    inside: str
    step_map: Mapping[str, str | None]

    def place(self, step: str, steps: Collection[str]) -> str | None:
        """Where one goes who stands there; the same step where there is no other place."""
        if self.inside == "leave":
            return None
        target = self.step_map.get(step, step)
        return target if target is None or target in steps else step


@dataclass(frozen=True)
class Moved:
    """Somebody was moved after so many visits. `since`: from when on they count as standing where they stand now."""

    after: int
    origin: tuple[int, str]
    target: tuple[int, str]
    since: datetime
    moved_at: datetime


class Graphs:
    """Of each version, by primary key, where one begins and its steps by their ids."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, Any]] = {}

    def graph(self, version_id: int) -> dict[str, Any]:
        if version_id not in self._known:
            self._known[version_id] = ScenarioVersion.objects.get(pk=version_id).graph
        return self._known[version_id]

    def start(self, version_id: int) -> str:
        return str(self.graph(version_id)["start"])

    def steps(self, version_id: int) -> dict[str, dict[str, Any]]:
        return {step["id"]: step for step in self.graph(version_id)["steps"]}


class Journal:
    """`is_complete`: nobody was moved without being noted, as happens where several work at the same time."""

    def __init__(self) -> None:
        self.is_complete = True
        self.graphs = Graphs()
        self.orders: dict[int, list[Order]] = defaultdict(list)
        self.moves: dict[int, list[Moved]] = defaultdict(list)
        # Sent on by hand while their version was being left: nothing is said about where they end.
        self.hurried: set[int] = set()
        # By scenario: how many came in by hand and were erased since; how many were started by name.
        self.erased: Counter[int] = Counter()
        self.started: Counter[int] = Counter()
        # Versions that also let in who matched already, as long as nothing else was published or put away since.
        self.also_matching: set[int] = set()
        # Workers that were killed while they handed over.
        self.deaths = 0

    def is_published(self, version: ScenarioVersion, plan: Mapping[str, Any], before: int) -> None:
        if plan.get("inside") in ("move", "leave"):
            order = Order(version.pk, version.number, before, plan["inside"], plan.get("map", {}))
            self.orders[version.scenario_id].append(order)

    def is_erased(self, contact: Contact) -> None:
        for one in Enrollment.objects.filter(contact=contact).select_related("version"):
            self.erased[one.scenario_id] += came_by_hand(one)

    @contextmanager
    def noting_moves(self, now: datetime) -> Iterator[None]:
        """Compare where everybody stands before and after, with where they should."""
        before = {one.pk: one for one in Enrollment.objects.inside().select_related("version")}
        yield
        for one in Enrollment.objects.filter(pk__in=before):
            self._compare(before[one.pk], one, now)

    def _compare(self, old: Enrollment, new: Enrollment, now: datetime) -> None:
        origin, target = (old.version_id, old.step), (new.version_id, new.step)
        if new.status == "ended":
            assert new.exit_reason == LEFT_BY_PUBLISHING
            assert None in self.way(old), "made to leave by no plan"
        if origin == target:
            return
        assert target in self.way(old), f"moved from {origin} to {target}, wanted was {self.way(old)}"
        assert old.visit_count == new.visit_count - (new.status == "ended")
        self.moves[new.pk].append(Moved(old.visit_count, origin, target, new.step_entered_at, now))

    def way(self, one: Enrollment) -> list[Place]:
        """Where the plans that aren't carried out yet for somebody lead them, one after the other."""
        found: list[Place] = []
        number, step = one.version.number, one.step
        for order in self.orders[one.scenario_id]:
            if number >= order.before:
                continue
            steps = self.graphs.steps(order.version_id)
            target = order.place(step, steps)
            if target is None:
                return [*found, None]
            if target in steps:
                number, step = order.number, target
                found.append((order.version_id, step))
        return found

    def knows_the_way_of(self, one: Enrollment) -> bool:
        return self.is_complete or not self.orders[one.scenario_id]

    def came_by_an_event(self, one: Enrollment) -> bool:
        """Whether it was what had happened that let somebody in, and not how things stood at that moment."""
        moves = self.moves[one.pk]
        triggers = self.graphs.graph(moves[0].origin[0] if moves else one.version_id)["triggers"]
        return {trigger["id"]: trigger["kind"] for trigger in triggers}.get(one.trigger_id) == "event"

    def graph_at(self, one: Enrollment, moment: datetime | None) -> dict[str, Any]:
        """The graph of the version that somebody was in when events of this moment were matched (None: now). What is
        matched goes before what is published.
        """
        for move in self.moves[one.pk]:
            if moment is not None and moment <= move.moved_at:
                return self.graphs.graph(move.origin[0])
        return self.graphs.graph(one.version_id)


def came_by_hand(one: Enrollment) -> bool:
    """Whether it was the manual trigger of its version that let somebody in."""
    return one.trigger_id == BY_HAND
