"""Whatever is drawn, published with whatever plan, and wherever it breaks: nobody is lost by being moved, or mailed
twice.
"""

from __future__ import annotations

from typing import Any

import pytest

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.drawing import scenario
from tests.engine.conftest import Story
from tests.engine.everything.crashes import Killed, killed_at
from wagtail_flows.engine import advancing, carrying_out, enrolling
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Publication, Scenario
from wagtail_flows.scenarios.standing import counts_by_step


LONGEST_PATH = 4
waits = st.sampled_from(["wait 1m", "wait 2h", "wait 1d", "wait 1d after event", "wait 1d late 12h", "await paid 1d"])
sends = st.sampled_from(["send thanks", "send more"])


@st.composite
def drawings(draw: Any) -> str:
    """A small graph: mails and waits in any order, an end, perhaps exits."""
    trigger = draw(st.sampled_from(["placed", "placed once", "placed every_time", "paid every_time"]))
    steps = draw(st.lists(st.one_of(waits, sends), min_size=1, max_size=LONGEST_PATH))
    end = draw(st.sampled_from(["exit", "exit bought never", "exit done 2d"]))
    exits = draw(st.sampled_from(["", " ! cancelled", " ! refunded anyone", " ! cancelled, paid anyone"]))
    return " > ".join([trigger, *steps, end]) + exits


happenings = st.tuples(
    st.sampled_from(["order.placed", "order.paid", "order.cancelled", "order.refunded"]),
    st.sampled_from(["alice", "bob"]),
    st.sampled_from(["order:1", "order:2"]),
)
pauses = st.sampled_from([0, 60, 3600, 86_400, 200_000])
told = st.lists(st.one_of(happenings, pauses), min_size=2, max_size=8)
# Where each step leads that people stand at, and whether it computes the moment anew, by a number that is looked up
# once it is known what there is; where the runner dies.
publishings = st.tuples(
    drawings(),
    st.sampled_from(["move", "move", "move", "leave", "stay"]),
    st.lists(st.integers(0, 20), min_size=12, max_size=12),
    st.one_of(st.none(), st.integers(1, 20)),
)


def publish(story: Story, drawing: str, inside: str, numbers: list[int]) -> None:
    made = Scenario.objects.get()
    graph = scenario(drawing)
    steps = [*(step["id"] for step in graph["steps"]), None]
    standing = sorted(counts_by_step(made))
    places = {step: steps[numbers[at % 12] % len(steps)] for at, step in enumerate(standing)}
    recompute = [step for at, step in enumerate(steps) if step and numbers[(at + 5) % 12] % 3 == 0]
    with clock.moved(story.now):
        made.graph, made.plan = graph, {"inside": inside, "map": places, "recompute": recompute}
        made.save_revision().publish()


def work(story: Story, statement: int | None = None) -> None:
    for phase in (enrolling.match_events, carrying_out.carry_out, advancing.advance):
        try:
            with transaction.atomic(), clock.moved(story.now):
                if statement is None:
                    phase(story.now)
                else:
                    with killed_at(statement):
                        phase(story.now)
                        raise Killed
        except Killed:
            continue


def follow(story: Story, moves: list[Any]) -> None:
    """What happens, and how much time passes."""
    for move in moves:
        match move:
            case (str(kind), str(name), str(subject)):
                story.happens(kind, story.contact(name), subject)
            case int(seconds):
                story.later(seconds=seconds)


def history() -> list[Any]:
    return list(Visit.objects.order_by("pk").values())


def nobody_is_lost() -> None:
    for one in Enrollment.objects.select_related("version").prefetch_related("visits"):
        steps = {step["id"] for step in one.version.graph["steps"]}
        assert one.status == "ended" or one.step in steps, "stands at a step that its version has"
        assert [visit.number for visit in one.visits.all()] == list(range(1, one.visit_count + 1))
        assert not one.error
        assert one.status == "ended" or one.due_at is not None
    sent = sorted(Delivery.objects.values_list("visit_id", flat=True))
    assert sent == sorted(Visit.objects.filter(outcome="send").values_list("pk", flat=True))


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(drawings(), st.lists(st.tuples(told, publishings), min_size=1, max_size=3), told)
def test_whatever_is_published_with_whatever_plan(story, drawing, chapters, afterwards):
    with transaction.atomic():
        story = Story()
        story.publish(drawing)
        for happened, (next_drawing, inside, numbers, statement) in chapters:
            follow(story, happened)
            before = history()
            publish(story, next_drawing, inside, numbers)
            assert history() == before, "publishing itself touches nobody's history"
            if statement is not None:
                work(story, statement)
            work(story)
            story.later(seconds=1)
            nobody_is_lost()
        follow(story, afterwards)
        story.later(minutes=5)
        work(story)
        assert not Publication.objects.exists()
        for _wait in range(LONGEST_PATH + 2):
            story.later(days=2)
            work(story)
        nobody_is_lost()
        assert not Enrollment.objects.inside().exists(), "everybody comes to an end"
        transaction.set_rollback(True)
