"""What publishing will do: how many people each choice of the plan touches, and when their next e-mail would go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from wagtail_flows.lib import clock
from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.forecasting import NextMail, next_mail
from wagtail_flows.scenarios.graph import Graph, dump, read
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion
from wagtail_flows.scenarios.plan import Inside, Plan, StartWith
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.standing import Standing, standing


@dataclass(frozen=True)
class Matching:
    """At most `count` people would come in by this trigger now (None: it took too long to count them)."""

    trigger: str
    count: int | None


Counter = Callable[[Scenario, Graph], Sequence[Matching]]
_counters: list[Counter] = []


def register(counter: Counter) -> None:
    """Let `counter` say who matches the triggers of a draft. Registering it again changes nothing."""
    if counter not in _counters:
        _counters.append(counter)


@dataclass(frozen=True)
class Group:
    """People at one step of one version. `stay`: their next e-mail if they finish that version."""

    at: Standing
    words: str
    stay: NextMail | None


@dataclass(frozen=True)
class Prospect:
    """`groups`: everybody who is inside an older version than the draft would be; `graph`: the draft's; `known`: what
    both name.
    """

    graph: Graph
    groups: tuple[Group, ...]
    known: References
    now: datetime

    @property
    def inside(self) -> int:
        return sum(group.at.count for group in self.groups)

    @property
    def standing(self) -> dict[str, int]:
        """How many people at which step, whatever their version."""
        found: dict[str, int] = {}
        for group in self.groups:
            found[group.at.step] = found.get(group.at.step, 0) + group.at.count
        return found

    def goes_to(self, group: Group, plan: Plan) -> str | None:
        """The step that they would be moved to; None where they leave. Raises KeyError: they stay where they are."""
        return plan.places([group.at.step], self.graph.by_id)[group.at.step]

    def mail_of(self, group: Group, plan: Plan) -> NextMail | None:
        """Their next e-mail under this plan."""
        try:
            target = self.goes_to(group, plan)
        except KeyError:
            return group.stay
        if target is None:
            return None
        came_at = group.at.came_at if target == group.at.step else self.now
        if target in plan.recompute:
            return next_mail(self.graph, target, self.now, entered_at=came_at, zone=timezone.get_default_timezone())
        return _mail_from(self.graph, target, came_at, group.at, self.now)

    def first_mail(self, mails: Iterable[NextMail | None]) -> NextMail | None:
        """Of two at the same moment the certain one."""
        known = (mail for mail in mails if mail is not None)
        return min(known, key=lambda mail: (mail.at, not mail.is_certain), default=None)

    def mail_under(self, plan: Plan) -> NextMail | None:
        """The first e-mail that goes to anybody inside."""
        return self.first_mail(self.mail_of(group, plan) for group in self.groups)

    def count_by_fate(self, plan: Plan) -> dict[str, int]:
        """How many people stay, move, leave."""
        found = {"stay": 0, "move": 0, "leave": 0}
        for group in self.groups:
            places = plan.places([group.at.step], self.graph.by_id)
            fate = "stay" if not places else "leave" if places[group.at.step] is None else "move"
            found[fate] += group.at.count
        return found

    def mail_of_comers(self) -> NextMail | None:
        """The first e-mail of who comes in now."""
        return next_mail(self.graph, self.graph.start, self.now, zone=timezone.get_default_timezone())


def prospect(scenario: Scenario, graph: Graph) -> Prospect:
    """What publishing this graph now would mean to whom. A few queries, however many people there are."""
    now = clock.now()
    before = _number_of(scenario, graph)
    people = [one for one in standing(scenario) if before is None or one.version < before]
    versions = ScenarioVersion.objects.filter(pk__in={one.version_id for one in people})
    graphs = {pk: read(stored).graph for pk, stored in versions.values_list("pk", "graph")}
    known = catalogue.known([one for read_graph in (graph, *graphs.values()) for one in read_graph.references()])
    return Prospect(graph, tuple(_group(one, graphs[one.version_id], known, now) for one in people), known, now)


def matching(scenario: Scenario, graph: Graph) -> list[Matching]:
    """Who would come in now, by trigger."""
    return [found for counter in _counters for found in counter(scenario, graph)]


def is_worth_a_look(scenario: Scenario, graph: Graph, plan: Plan) -> bool:
    """Whether publishing touches anybody at once, or could: then what it will do is shown before."""
    if plan.inside is not Inside.STAY or plan.start_with is not StartWith.FUTURE:
        return True
    before = _number_of(scenario, graph)
    return any(before is None or one.version < before for one in standing(scenario))


def _number_of(scenario: Scenario, graph: Graph) -> int | None:
    """The number of the version that the graph is already; None where publishing it makes a new one."""
    version = scenario.current_version
    is_current = version is not None and scenario.live and version.graph == dump(graph)
    return version.number if version is not None and is_current else None


def _group(at: Standing, graph: Graph, known: References, now: datetime) -> Group:
    step = graph.by_id.get(at.step)
    words = step.sentence(known) if step is not None else ""
    return Group(at, words, _mail_from(graph, at.step, at.came_at, at, now))


def _mail_from(graph: Graph, step: str, came_at: datetime, at: Standing, now: datetime) -> NextMail | None:
    """Of who stands there, with the moment that they keep. None where somebody is parked and nobody else is there."""
    if at.due_at is None:
        return None
    waits_until = at.due_at if at.due_at > at.came_at else None
    zone = timezone.get_default_timezone()
    return next_mail(graph, step, now, entered_at=came_at, waits_until=waits_until, zone=zone)
