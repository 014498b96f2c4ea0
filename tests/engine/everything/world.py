"""A small world of people, e-mails and scenarios, and what may happen in it. Time moves by its moves only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.engine.everything.crashes import dying_at
from tests.engine.everything.happenings import Happenings
from tests.engine.everything.outside import Outside
from tests.engine.everything.rulings import Rulings
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Publication
from wagtail_flows.tasks import Phase, phases


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PUBLISHED = "published"
# Those of a round that concern scenarios.
PHASES = ("events", "segments entered", "dates", "pages published", "started by hand", PUBLISHED, "rescued",
          "enrollments", "rescued deliveries", "deliveries")  # fmt: skip
# These do one batch where their time is over at once; the others would do nothing.
IN_PORTIONS = ("events", "enrollments")


class World(Happenings, Rulings):
    """`obeys(world)` is called after each move."""

    def __init__(self, obeys: Callable[[World], None], outside: Outside) -> None:
        super().__init__(outside)
        outside.forget()
        # How much of what each outside heard has been looked at.
        self.seen = [0, 0, 0]
        self._obeys = obeys
        self._phases: dict[str, Phase] = {phase.name: phase for phase in phases() if phase.name in PHASES}

    def goes(self, move: tuple[Any, ...]) -> None:
        """Do the move of this name, at a moment of its own."""
        self.now += timedelta(seconds=1)
        with clock.moved(self.now):
            self.does(move)
        self._obeys(self)

    def does(self, move: tuple[Any, ...]) -> None:
        name, *details = move
        getattr(self, name)(*details)

    def rests(self) -> None:
        """Work until nothing is left to do at this moment."""
        self.wakes_the_dead()
        for _round in range(50):
            before = self.state()
            self.goes(("works",))
            if self.state() == before:
                return
        raise AssertionError("There is always something left to do.")

    def state(self) -> tuple[Any, ...]:
        visits = Enrollment.objects.values_list(
            "pk", "status", "version_id", "visit_count", "due_at", "waits_for_kind"
        ).order_by("pk")
        sent = Delivery.objects.values_list("pk", "status", "due_at").order_by("pk")
        asked = [*Publication.objects.values_list("pk", "intake"), *ManualStart.objects.values_list("pk", "looked_at")]
        return list(visits), list(sent), asked, Event.objects.filter(matched_at=None).count()

    # Who works

    def works(self) -> None:
        """A whole round."""
        for name in PHASES:
            self.works_at(name)

    def works_a_little(self, name: str) -> None:
        """One phase, one batch of it: another worker has done the rest, or will."""
        self.works_at(name, until=0.0 if name in IN_PORTIONS else None)

    def dies(self, name: str, statement: int) -> None:
        """A worker is killed at this statement of a phase; its leases run out before anybody else comes."""
        if self.works_at(name, statement=statement):
            self.wakes_the_dead()

    def works_at(self, name: str, *, until: float | None = None, statement: int | None = None) -> bool:
        """A phase, perhaps until a sudden end; whether that came."""
        if name != PUBLISHED:
            return self.works_unseen_at(name, until=until, statement=statement)
        with self.journal.noting_moves(self.now):
            return self.works_unseen_at(name, until=until, statement=statement)

    def works_unseen_at(self, name: str, *, until: float | None = None, statement: int | None = None) -> bool:
        """The same without a look at what it does, so that several can."""
        phase = self._phases[name]
        if statement is None:
            phase.work(self.now, until)
            return False
        was_killed = dying_at(statement, lambda: phase.work(self.now, until))
        self.journal.deaths += was_killed and name == "deliveries"
        return was_killed

    @staticmethod
    def wakes_the_dead() -> None:
        """The leases of the killed run out."""
        Delivery.objects.filter(leased_until__isnull=False).update(leased_until=LONG_AGO)
