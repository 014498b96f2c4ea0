"""Putting a scenario away, with its name, its graph and its history; and taking it out again as a draft."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.db import locked
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.plan import Inside, Plan


def archive(scenario: Scenario, *, lets_finish: bool, user: Any = None) -> bool:
    """Nobody comes in any more, nothing that was scheduled happens, and it isn't listed. People inside finish, or leave
    (in batches, by the runner). Answers whether that is new.
    """
    with transaction.atomic():
        row = locked(Scenario.objects.filter(pk=scenario.pk, archived_at=None)).first()
        if row is None:
            return False
        _take_back_what_waits(row, user)
        if row.live:
            # Without the user: Wagtail 7.4 would ask a page's permissions. Archiving has a line of its own in the log.
            row.unpublish(log_action=False)
        now = clock.now()
        Scenario.objects.filter(pk=row.pk).update(archived_at=now)
        last = row.versions.aggregate(last=Max("number"))["last"]
        if row.current_version is not None and last is not None and not lets_finish:
            row.publications.create(
                version=row.current_version,
                plan=Plan(Inside.LEAVE).write(),
                inside=Inside.LEAVE,
                before=last + 1,
                published_at=now,
            )
        bell.ring()
    return True


def restore(scenario: Scenario) -> bool:
    """A draft again: it runs once it is published. Answers whether that is new."""
    return bool(Scenario.objects.filter(pk=scenario.pk, archived_at__isnull=False).update(archived_at=None))


def _take_back_what_waits(row: Scenario, user: Any) -> None:
    """A workflow, and a moment at which it would be published."""
    if row.workflow_in_progress:
        row.current_workflow_state.cancel(user=user)
    row.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=None)
