"""What must hold after every move, whatever happened."""

from __future__ import annotations

from tests.engine.everything.handed_over import nobody_gets_what_they_must_not, what_is_said_is_so
from tests.engine.everything.tables import nobody_moves_where_it_is_paused, read_enrollments, the_tables_agree
from tests.engine.everything.world import World


def hold(world: World) -> None:
    enrollments = read_enrollments()
    the_tables_agree(world, enrollments)
    nobody_moves_where_it_is_paused(world, enrollments)
    what_is_said_is_so(world)
    nobody_gets_what_they_must_not(world)
