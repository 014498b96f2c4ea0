"""Runners on connections of their own, who work all the time and are killed now and then."""

from __future__ import annotations

import threading

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.engine.everything.graphs import Dice
from tests.engine.everything.world import IN_PORTIONS, PHASES, World


@contextmanager
def working(world: World, seed: int, runners: int = 2) -> Iterator[None]:
    """Let so many work until the block is left, each to the end of what it is at. Raises the first error of any."""
    is_over = threading.Event()
    errors: list[Exception] = []

    def work(dice: Dice) -> None:
        try:
            while not is_over.is_set():
                one_turn(world, dice)
        except Exception as error:  # noqa: BLE001 - raised by the thread of the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[Dice(seed + number)]) for number in range(runners)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join(timeout=60)
    if errors:
        raise errors[0]


def one_turn(world: World, dice: Dice) -> None:
    """A phase, to its end or to a sudden one, with whatever connection there was."""
    name = dice.one_of("events", "enrollments", "deliveries", *PHASES)
    until = 0.0 if name in IN_PORTIONS else None
    if world.works_unseen_at(name, until=until, statement=dice.randint(1, 25) if dice.is_lucky(30) else None):
        connection.close()
