"""Random valid graphs, random events, random deaths of workers: what must hold holds after every move.

The same few stories each time; `FLOWS_TEST_EXAMPLES=2000` tries so many others.
"""

from __future__ import annotations

import os

from datetime import timedelta
from pprint import pformat
from typing import Any

import pytest

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.everything import invariants, resting
from tests.engine.everything.crew import working
from tests.engine.everything.graphs import STEPS, TRIGGERS, Fields
from tests.engine.everything.handed_over import what_is_said_is_so
from tests.engine.everything.moves import Move, Story, a_story, in_chapters
from tests.engine.everything.outside import PROVIDER, Outside
from tests.engine.everything.stage import furnish
from tests.engine.everything.tables import read_enrollments, the_tables_agree
from tests.engine.everything.world import World
from tests.http_receiver import Receiver
from tests.smtp import RudeServer
from wagtail_flows.lib import clock
from wagtail_flows.scenarios.registry import step_kinds, trigger_kinds


ASKED_FOR = os.environ.get("FLOWS_TEST_EXAMPLES", "")
EXAMPLES = int(ASKED_FOR or "20")


@pytest.fixture
def outside(wagtail_site: object, rude_server: RudeServer, receiver: Receiver, settings: Any) -> Outside:
    settings.FLOWS_BATCH_SIZE = settings.FLOWS_DELIVERY_BATCH_SIZE = 2
    settings.FLOWS_SMS_PROVIDER = PROVIDER
    # Nobody hangs here; on a busy machine nobody is to be taken for it.
    settings.FLOWS_EMAIL_TIMEOUT = settings.FLOWS_CALL_TIMEOUT = 20
    furnish(receiver.url)
    return Outside(rude_server, receiver)


def test_every_kind_of_step_and_trigger_is_drawn():
    """Whoever adds a kind adds a line to `tests/engine/everything/graphs.py`, so that its graphs are tried too."""
    ours = "wagtail_flows."
    assert {name for name, kind in step_kinds().items() if kind.__module__.startswith(ours)} <= set(STEPS)
    assert {name for name, kind in trigger_kinds().items() if kind.__module__.startswith(ours)} <= set(TRIGGERS)


def live(story: Story, outside: Outside) -> None:
    """Each story leaves the tables as it found them. To what it does, it looks like no transaction at all."""
    outermost = transaction.atomic()
    outermost._from_testcase = True  # type: ignore[attr-defined]
    with outermost:
        _live(*story, outside)
        transaction.set_rollback(True)


def _live(drawn: list[Fields], moves: list[Move], outside: Outside) -> None:
    world = World(invariants.hold, outside)
    for graph in drawn:
        world.goes(("is_published", graph))
    for move in moves:
        world.goes(move)
    world.rests()
    resting.everything_is_done(world)


def breaks(story: Story, outside: Outside) -> bool:
    try:
        live(story, outside)
    except Exception:  # noqa: BLE001 - any is a fault
        return True
    return False


def shortest(story: Story, outside: Outside) -> Story:
    """The same story without the moves that aren't needed to break it."""
    drawn, moves = story
    for number in reversed(range(len(moves))):
        fewer = [*moves[:number], *moves[number + 1 :]]
        if breaks((drawn, fewer), outside):
            moves = fewer
    return drawn, moves


@pytest.mark.django_db
@settings(
    max_examples=EXAMPLES,
    derandomize=not ASKED_FOR,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],
)
@given(st.integers(0, 2**32))
def test_everything_holds(outside, seed):
    story = a_story(seed)
    try:
        live(story, outside)
    except Exception as error:
        drawn, moves = shortest(story, outside)
        error.add_note(f"Seed {seed}.\nGraphs: {pformat(drawn, width=160)}\nMoves: {pformat(moves, width=160)}")
        raise


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(max(1, EXAMPLES // 10)))
def test_everything_holds_while_two_work_at_the_same_time(outside, seed):
    """SQLite has one writer at a time: there the runners of the test above take turns."""
    drawn, moves = a_story(seed)
    world = World(invariants.hold, outside)
    world.journal.is_complete = False
    for graph in drawn:
        world.goes(("is_published", graph))
    for seconds, chapter in in_chapters(moves):
        world.now += timedelta(seconds=1 + seconds)
        with clock.moved(world.now), working(world, seed):
            for move in chapter:
                world.does(move)
        world.wakes_the_dead()
        the_tables_agree(world, read_enrollments())
        what_is_said_is_so(world)
    world.seen = [len(part) for part in outside.heard()]
    world.rests()
    resting.nobody_is_left_behind(world)
    resting.everybody_waits_for_the_right_moment(world)
    resting.overtaking_is_impossible(world)
