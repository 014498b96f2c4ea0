"""Deciding who won a random split: once, when its rule says so; looked at again later where nobody has won yet.

And the answers that splits ask for: who won, and which way a contact has taken before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from wagtail_flows.engine import answers
from wagtail_flows.engine.live_splits import LiveSplit, live_splits
from wagtail_flows.engine.models import Enrollment, SplitWinner, Visit
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.engine.split_numbers import Numbers, counted
from wagtail_flows.lib.among import among
from wagtail_flows.scenarios.steps.random_split import SPLIT_TAKEN, SPLIT_WINNER, RandomSplit
from wagtail_flows.scenarios.winners import Doubt, judge


# How long after a tie, or too small a sample, the numbers are looked at again.
LOOKED_AT_EVERY = timedelta(days=1)


def register() -> None:
    """Answer these questions. Doing it again changes nothing."""
    answers.register(SPLIT_WINNER, winners)
    answers.register(SPLIT_TAKEN, ways_taken)


def decide(now: datetime, until: float | None = None) -> int:
    """Look for the winners that are due; how many were looked for."""
    splits = live_splits()
    known = _stored(splits)
    looked = 0
    for split in splits:
        moment = due_at(split, known.get(split.key))
        if moment is None or moment > now:
            continue
        if is_over(until):
            break
        _store(split, counted(split), now)
        looked += 1
    return looked


def next_due(now: datetime) -> datetime | None:
    """When the next winner is looked for; None where none is."""
    splits = live_splits()
    known = _stored(splits)
    return min(
        (moment for split in splits if (moment := due_at(split, known.get(split.key))) is not None), default=None
    )


def _stored(splits: Iterable[LiveSplit]) -> dict[tuple[int, str, str], SplitWinner]:
    scenarios = {split.scenario_id for split in splits}
    rows = SplitWinner.objects.filter(scenario__in=scenarios) if scenarios else ()
    return {(row.scenario_id, row.step, row.fingerprint): row for row in rows}


def due_at(split: LiveSplit, stored: SplitWinner | None) -> datetime | None:
    """When its winner is looked for next; None where it was found."""
    if stored is None:
        return split.first_look_at
    return None if stored.outlet else stored.looked_at + LOOKED_AT_EVERY


def _store(split: LiveSplit, numbers: Numbers, now: datetime) -> None:
    """The unique row is the referee: a winner that another runner has stored meanwhile stays the winner."""
    verdict = judge(numbers.tallies, split.rule.sample)
    is_open = isinstance(verdict, Doubt)
    found = {
        "version_id": split.version_id,
        "outlet": "" if is_open else str(verdict),
        "doubt": str(verdict) if is_open else "",
        "numbers": {"by": split.rule.by.value, **numbers.as_json()},
        "looked_at": now,
        "decided_at": None if is_open else now,
    }
    scenario_id, step, fingerprint = split.key
    row, is_new = SplitWinner.objects.get_or_create(
        scenario_id=scenario_id, step=step, fingerprint=fingerprint, defaults=found
    )
    if not is_new:
        SplitWinner.objects.filter(pk=row.pk, outlet="").update(**found)


def winners(about: str, contact_ids: Collection[int]) -> Mapping[int, str]:
    """The outlet that won, alike for everybody; no answers where none has. `about`: scenario, step, fingerprint."""
    scenario, step, fingerprint = about.split(":")
    rows = SplitWinner.objects.filter(scenario__public_id=scenario, step=step, fingerprint=fingerprint)
    won = rows.exclude(outlet="").values_list("outlet", flat=True).first()
    return dict.fromkeys(contact_ids, won) if won else {}


def ways_taken(about: str, contact_ids: Collection[int]) -> Mapping[int, str]:
    """By which outlet these contacts last left the split, whoever has. `about`: scenario, step.

    Two queries, from the contacts to their enrollments and from these to the visits, each by an index; of both in one
    the database would read all visits that there are.
    """
    scenario, step = about.split(":")
    theirs = Enrollment.objects.filter(among("contact_id", list(contact_ids)), scenario__public_id=scenario)
    contact_of = dict(theirs.order_by().values_list("pk", "contact_id"))
    visits = Visit.objects.filter(among("enrollment_id", list(contact_of)), step=step, kind=RandomSplit.kind)
    return {contact_of[one]: outlet for one, outlet in visits.order_by("pk").values_list("enrollment_id", "outlet")}
