"""Published pages: noted in the transaction that publishes, followed up in batches by the runner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from wagtail.models import Page

from wagtail_flows.conf import conf
from wagtail_flows.engine import audiences
from wagtail_flows.engine.brakes.hours import note_let_in
from wagtail_flows.engine.models import PagePublication
from wagtail_flows.engine.pacing import is_over
from wagtail_flows.engine.starting import Occasion, bring_in, lock
from wagtail_flows.lib import bell, clock
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.audience import Audience
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.triggers.page_published import PageTrigger


def note_publication(*, instance: Page, **kwargs: Any) -> None:
    """Receiver of Wagtail's `page_published`: note which scenarios let in their audience because of this page."""
    listened = list(_listened())
    if not listened:
        return
    ancestors = set(instance.get_ancestors().values_list("pk", flat=True))
    now = clock.now()
    data = {"page": instance.pk, "title": instance.title, "url": instance.full_url or ""}
    noted = [
        PagePublication(
            scenario_id=listener.scenario_id, trigger_id=trigger.id, page_id=instance.pk, data=data, published_at=now
        )
        for listener, trigger in listened
        if trigger.hears_of(ancestors)
    ]
    if noted:
        PagePublication.objects.bulk_create(noted)
        bell.ring()


def let_in_audiences(now: datetime, until: float | None = None) -> int:
    """Follow up what was published; how many came in."""
    came_in = 0
    listening = {(listener.scenario_id, trigger.id): listener for listener, trigger in _listened()}
    for row in PagePublication.objects.order_by("pk"):
        listener = listening.get((row.scenario_id, row.trigger_id))
        audience = listener.graph.audience if listener is not None else None
        if listener is None or audience is None:
            # Unpublished meanwhile, or published without this trigger: nobody comes in by it any more.
            row.delete()
            continue
        while not is_over(until) and (batch := _let_in(listener, audience, row, now)) is not None:
            came_in += batch
    return came_in


def next_due(now: datetime) -> datetime | None:
    """`now` where a publication isn't followed up to its end."""
    return now if PagePublication.objects.exists() else None


def _listened() -> Iterator[tuple[ListeningTrigger, PageTrigger]]:
    for listener in live.listening_as(PageTrigger.kind):
        if isinstance(listener.trigger, PageTrigger):
            yield listener, listener.trigger


def _let_in(listener: ListeningTrigger, audience: Audience, row: PagePublication, now: datetime) -> int | None:
    """The next batch in one transaction, by whoever moves the mark on; None when this one is at its end, or another
    runner is at it.
    """
    people = audiences.everybody(audience).filter(pk__gt=row.last_contact).order_by("pk")
    ids = list(people.values_list("pk", flat=True)[: conf.BATCH_SIZE])
    mine = PagePublication.objects.filter(pk=row.pk, last_contact=row.last_contact)
    if not ids:
        mine.delete()
        return None
    with transaction.atomic():
        if not mine.update(last_contact=ids[-1]):
            return None
        row.last_contact = ids[-1]
        contacts = lock(ids)
        subject = f"page:{row.page_id}"
        name = f"{subject}:{row.published_at.isoformat()}"
        came_in = bring_in(listener, [Occasion(pk, name, subject, row.data) for pk in contacts], contacts, now)
        note_let_in(row.scenario_id, came_in, now)
        return came_in
