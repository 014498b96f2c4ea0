"""Several things at the same time, each on a database connection of its own."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

from django.db import connection


def at_the_same_time(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; what each returned, or the exception it raised, in their order."""
    barrier = Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            outcomes[number] = call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def without_errors(outcomes: Sequence[Any]) -> list[Any]:
    """The outcomes; the first exception among them is raised."""
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return list(outcomes)
