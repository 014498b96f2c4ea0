"""Carrying out what was published: the rest of a publish plan that the publishing transaction left to the runner."""

from __future__ import annotations

from datetime import datetime, timedelta

from wagtail_flows.engine import moving, selecting
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.scenarios.publication_model import LEAVING_THE_OLD, Publication


# A runner that looked up what listens before the publishing may still let somebody into the older version after it: so
# long a publication is kept to look for them.
STRAGGLERS = timedelta(minutes=2)


def carry_out(now: datetime, until: float | None = None) -> int:
    """Carry out publications, those of one scenario one after the other; with how many people something was done."""
    done = 0
    busy: set[int] = set()
    for publication in Publication.objects.select_related("scenario").order_by("pk"):
        if is_over(until):
            break
        if publication.scenario_id in busy:
            continue
        done += _carry_out(publication, now, until)
        if _is_unfinished(publication):
            busy.add(publication.scenario_id)
        elif publication.published_at + STRAGGLERS <= now:
            publication.delete()
    return done


def next_due(now: datetime) -> datetime | None:
    """When somebody is to be moved or brought in, or a publication is over; None when there is none."""
    moments = [
        now if _is_unfinished(one) else one.published_at + STRAGGLERS
        for one in Publication.objects.select_related("scenario")
    ]
    return min(moments, default=None)


def _carry_out(publication: Publication, now: datetime, until: float | None) -> int:
    moved = moving.move_people(publication, now, until) if publication.inside in LEAVING_THE_OLD else 0
    return moved + selecting.bring_in_matching(publication, now, until)


def _is_unfinished(publication: Publication) -> bool:
    is_being_left = publication.inside in LEAVING_THE_OLD
    return bool(publication.intake) or (is_being_left and moving.is_anybody_left(publication))
