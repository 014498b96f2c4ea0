"""What people do to scenarios, and to those inside."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.drawing import key
from tests.engine.everything.crashes import dying_at
from tests.engine.everything.graphs import STEPS, Dice, Fields, a_graph, problems
from tests.engine.everything.outside import Outside
from tests.engine.everything.stage import Stage
from wagtail_flows.engine import by_hand, manual_starts, starting
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.models import Scenario
from wagtail_flows.scenarios.archiving import archive, restore
from wagtail_flows.scenarios.pausing import pause, resume
from wagtail_flows.scenarios.publication_model import being_left
from wagtail_flows.scenarios.publishing import ScenarioNotPublishable
from wagtail_flows.scenarios.standing import counts_by_step
from wagtail_flows.segments.models import Segment


class Rulings(Stage):
    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        # Who was chosen to be started by hand: it is forgotten by the tables.
        self.chosen: dict[int, list[int]] = {}

    def is_published(self, graph: Fields) -> None:
        scenario = Scenario(name="Story", graph=graph, live=False)
        scenario.save()
        scenario.save_revision().publish()
        self.scenarios.append(scenario)

    def is_published_again(self, number: int, inside: str, start_with: str, seed: int) -> None:
        """Another graph, or nearly the same, with a plan for those who are inside at this moment."""
        dice, scenario = Dice(seed), self.scenario(number)
        scenario.graph = _altered(dice, scenario.graph) if dice.is_lucky(60) else a_graph(dice)
        scenario.plan = {"start_with": start_with, **_plan(dice, inside, scenario)}
        plan, before = scenario.plan, scenario.current_version
        try:
            scenario.save_revision().publish()
        except ScenarioNotPublishable:
            assert scenario.archived_at is not None, "refused without a reason"
            return
        assert scenario.archived_at is None, "archived, and published"
        version = self.scenario(number).current_version
        assert version is not None
        assert before is None or (version.pk == before.pk or version.number > before.number)
        self.journal.is_published(version, plan, version.number)
        self.journal.also_matching.discard(version.pk)
        if start_with == "also_matching":
            self.journal.also_matching.add(version.pk)

    def is_unpublished(self, number: int) -> None:
        scenario = self.scenario(number)
        self.journal.also_matching.discard(scenario.current_version_id or 0)
        scenario.unpublish()

    def is_archived(self, number: int, lets_finish: bool) -> None:
        scenario = self.scenario(number)
        self.journal.also_matching.discard(scenario.current_version_id or 0)
        if archive(scenario, lets_finish=lets_finish) and not lets_finish:
            version = self.scenario(number).current_version
            last = scenario.versions.order_by("number").last()
            assert version is not None
            assert last is not None
            self.journal.is_published(version, {"inside": "leave"}, last.number + 1)

    def is_restored(self, number: int) -> None:
        restore(self.scenario(number))

    def is_paused(self, number: int) -> None:
        pause(self.scenario(number))

    def goes_on(self, number: int) -> None:
        resume(self.scenario(number))

    # By hand

    def starts(self, number: int, who: str, occasion: str) -> None:
        scenario = self.scenario(number)
        try:
            self.journal.started[scenario.pk] += starting.start(scenario, [self.person(who).pk], occasion)
        except starting.NotStartable:
            return

    def many_start(self, number: int, who: tuple[str, ...], statement: int) -> None:
        """These, or the members of the segment where none is named, are started by hand; the request dies at this
        statement, perhaps. What was begun is followed up by the runner.
        """
        chosen = [self.person(one).pk for one in who]
        segment = None if who else Segment.objects.get(public_id=key("gold"))
        row = manual_starts.prepare(segment=segment, contact_ids=chosen)
        self.chosen[row.pk] = chosen
        try:
            if not dying_at(statement, lambda: manual_starts.begin(row, self.scenario(number))):
                assert not manual_starts.begin(ManualStart.objects.get(pk=row.pk), self.scenario(number)), "begun twice"
        except starting.NotStartable:
            return

    def is_taken_out(self, who: str) -> None:
        people = Enrollment.objects.inside().filter(contact=self.person(who))
        by_hand.take_out(people.values_list("pk", flat=True)[:1], self.now)

    def is_spared(self, who: str) -> None:
        """Somebody need not wait any longer."""
        for one in Enrollment.objects.active().filter(contact=self.person(who))[:1]:
            if being_left().filter(pk=one.version_id).exists():
                self.journal.hurried.add(one.pk)
            try:
                by_hand.skip_wait(one.pk, self.now)
            except by_hand.NotWaiting:
                return


def _altered(dice: Dice, graph: Fields) -> Fields:
    """The same with one step drawn anew, as far as it keeps its ways out."""
    other = deepcopy(graph)
    position = dice.randrange(len(other["steps"]))
    step = other["steps"][position]
    ways = step.get("outlets", {})
    fields, must, may = STEPS[step["kind"]](dice)
    if set(must) <= set(ways) <= {*must, *may}:
        other["steps"][position] = {"id": step["id"], "kind": step["kind"], **fields, "outlets": ways}
    return graph if problems(other) else other


def _plan(dice: Dice, inside: str, scenario: Scenario) -> dict[str, Any]:
    """Everybody has a place: most where they stand, some elsewhere, some out."""
    if inside != "move":
        return {"inside": inside}
    steps = [step["id"] for step in scenario.graph["steps"]]
    places = {
        step: dice.one_of(*steps, None)
        for step in sorted(counts_by_step(scenario))
        if step not in steps or dice.is_lucky(40)
    }
    return {"inside": inside, "map": places, "recompute": [step for step in steps if dice.is_lucky(25)]}
