"""The way of one enrollment, told from its visits, the graphs and the journal of who was moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.engine.everything.journal import Journal
from wagtail_flows.engine.models import Enrollment, Visit


@dataclass(frozen=True)
class Stay:
    """Somebody stood at a step from a moment on. `was_moved`: they came by a publishing, or stand at the same step of
    another version since. Left by `visit`, or by being moved, or not yet (both empty).
    """

    version_id: int
    step: str
    since: datetime
    was_moved: bool
    visit: Visit | None = None
    is_left_by_move: bool = False


def stays(one: Enrollment, visits: Sequence[Visit], journal: Journal) -> Iterator[Stay]:
    """Each stay, in their order. Asserts that every visit is where the way led."""
    moves = list(journal.moves[one.pk])
    version_id = moves[0].origin[0] if moves else one.version_id
    step, since, was_moved = journal.graphs.start(version_id), one.entered_at, False
    for number, visit in enumerate([*visits, None]):
        while moves and moves[0].after == number:
            move = moves.pop(0)
            assert move.origin == (version_id, step)
            yield Stay(version_id, step, since, was_moved, is_left_by_move=True)
            (version_id, step), since, was_moved = move.target, move.since, True
        if visit is None:
            break
        steps = journal.graphs.steps(version_id)
        assert visit.step == step
        assert visit.kind in {steps[step]["kind"], "left"}
        assert visit.entered_at == since <= visit.left_at
        yield Stay(version_id, step, since, was_moved, visit)
        following = steps[step].get("outlets", {}).get(visit.outlet)
        is_last = visit.number == one.visit_count
        assert following is not None or is_last, "goes on after the end"
        step, since, was_moved = following or step, visit.left_at, False
    if one.status != "ended":
        assert (one.version_id, one.step, one.step_entered_at) == (version_id, step, since)
        yield Stay(version_id, step, since, was_moved)
