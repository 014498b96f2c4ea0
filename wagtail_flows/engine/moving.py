"""Carrying out what a publish plan says about people inside: moving them to the new version, or letting them leave.

Who is in a version that is being left is held (see `EnrollmentQuerySet.running`, and the gate) until their turn has
come, so nothing is done by a plan that is over. Each batch is one transaction under the lock of its contacts, and who
was moved isn't in an older version any more: a crash, a second runner or a second publishing find the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When

from wagtail_flows.conf import conf
from wagtail_flows.engine.listening import cut_short
from wagtail_flows.engine.locking import RUNNERS, lock_free_contacts
from wagtail_flows.engine.matching import Cut
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.pacing import in_batches
from wagtail_flows.engine.promised import IS_WAITING, NOTHING, promised
from wagtail_flows.engine.versions import graphs
from wagtail_flows.lib.among import among
from wagtail_flows.lib.db import skip_locked
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.plan import Plan, read_plan
from wagtail_flows.scenarios.publication_model import Publication
from wagtail_flows.scenarios.step import Step


LEFT_BY_PUBLISHING = "left_by_publishing"


@dataclass(frozen=True)
class Move:
    """What one publication does with people inside: `places` says where they go from each step (None: out), `older`
    has the graphs that they come from.
    """

    version_id: int
    graph: Graph
    plan: Plan
    older: Mapping[int, Graph]
    places: Mapping[str, str | None]

    def people(self) -> QuerySet[Enrollment]:
        """Those who are still to be moved."""
        return Enrollment.objects.inside().filter(version__in=list(self.older), step__in=list(self.places))


def move_people(publication: Publication, now: datetime, until: float | None) -> int:
    """Move, or let leave, whoever is in an older version, in batches; how many. Those whose contact another runner
    holds are left for the next time.
    """
    move = _move(publication)
    return in_batches(lambda: _move_batch(move, now), until)


def is_anybody_left(publication: Publication) -> bool:
    """Whether the plan isn't carried out for everybody."""
    return _move(publication).people().exists()


def _move(publication: Publication) -> Move:
    # Looked up first: a planner that doesn't see which versions they are reads all enrollments there are.
    versions = publication.scenario.versions.filter(number__lt=publication.before)
    older = list(versions.order_by().values_list("pk", flat=True))
    standing = Enrollment.objects.inside().filter(version__in=older)
    found = set(standing.order_by().values_list("version_id", "step").distinct())
    known = graphs({version_id for version_id, _step in found} | {publication.version_id})
    target = known[publication.version_id]
    plan, _problems = read_plan(publication.plan)
    return Move(
        version_id=publication.version_id,
        graph=target,
        plan=plan,
        older={version_id: known[version_id] for version_id, _step in found},
        places=plan.places({step for _version, step in found}, target.by_id),
    )


def _move_batch(move: Move, now: datetime) -> int:
    # Asked outside of the transaction: on SQLite that would take the only write lock, for nothing.
    if not move.places or not move.people().exists():
        return 0
    with transaction.atomic():
        people = move.people()
        contacts = lock_free_contacts(people.values("contact_id")[: conf.BATCH_SIZE * RUNNERS], conf.BATCH_SIZE)
        rows = skip_locked(people.filter(among("contact_id", list(contacts))).order_by("pk")) if contacts else ()
        groups: dict[tuple[int, str], list[int]] = defaultdict(list)
        for row in rows:
            groups[row.version_id, row.step].append(row.pk)
        leaving = [pk for (_version, step), ids in groups.items() if move.places[step] is None for pk in ids]
        cut_short([Cut(pk, None, LEFT_BY_PUBLISHING) for pk in leaving], now)
        for (version_id, step), ids in groups.items():
            target = move.places[step]
            if target is not None:
                _move_alike(move, ids, move.older[version_id].by_id.get(step), move.graph.step(target), step, now)
    return sum(len(ids) for ids in groups.values())


def _move_alike(move: Move, ids: Sequence[int], old: Step | None, new: Step, stood_at: str, now: datetime) -> None:
    """Those who stood at the same step: one statement. Visits and their numbers stay as they are."""
    rows = Enrollment.objects.filter(among("pk", ids))
    is_recomputed = new.id in move.plan.recompute
    if old is not None and (old.id, old.kind, old.write()) == (new.id, new.kind, new.write()) and not is_recomputed:
        # The same step: they go on waiting for what they wait for.
        rows.update(version_id=move.version_id)
        return
    stays = stood_at == new.id
    # After a pause each has a turn of their own, which is kept unless their moment is computed anew.
    looks_again = IS_WAITING if is_recomputed else IS_WAITING & ~Q(kept_until__isnull=False, kept_until__lte=now)
    rows.update(
        version_id=move.version_id,
        step=new.id,
        kept_until=Value(NOTHING) if is_recomputed else promised(),
        due_at=Case(When(looks_again, then=Value(now)), default=F("due_at")),
        **({} if stays else {"step_entered_at": now}),
        # The new step says anew what it waits for; an event that has woken them and wasn't looked at yet counts again.
        heard_event_id=Case(
            When(woken_by__isnull=False, then=F("heard_event_id") - 1),
            default=F("heard_event_id"),
            output_field=BigIntegerField(),
        ),
        waits_for_kind="",
        waits_for_match={},
        waits_for_property="",
        woken_by=None,
    )
