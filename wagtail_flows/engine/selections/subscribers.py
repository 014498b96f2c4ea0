"""Subscribers of the trigger's lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from wagtail_flows.contacts.models import MailingList, Subscription
from wagtail_flows.engine.selections.latest import latest_events
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.starting import Occasion
from wagtail_flows.lib.among import among


@dataclass(frozen=True)
class Subscribers(Selection):
    """Who is subscribed now, once for each list, by the event that told of it where it is known. `lists`: public ids;
    empty: any.
    """

    mark = "pk"

    lists: tuple[str, ...] = ()

    def rows(self) -> QuerySet[Subscription]:
        found = Subscription.objects.filter(status=Subscription.Status.SUBSCRIBED)
        return found.filter(mailing_list__public_id__in=self.lists) if self.lists else found

    def occasions(self, marks: Sequence[int], contact_ids: Collection[int]) -> list[Occasion]:
        keys = {pk: str(public_id) for pk, public_id in MailingList.objects.values_list("pk", "public_id")}
        still = self.rows().filter(among("pk", marks)).order_by("pk").values_list("contact_id", "mailing_list_id")
        lists = [(contact_id, keys[list_id]) for contact_id, list_id in still if contact_id in contact_ids]
        places = [(contact_id, f"list:{key}") for contact_id, key in lists]
        events = latest_events(places, self.listener.trigger.event_kinds())
        found: list[Occasion] = []
        for (contact_id, key), place in zip(lists, places, strict=True):
            event = events.get(place)
            if event is None:
                found.append(Occasion(contact_id, f"subscribed:{key}", place[1], {"list": key}))
            elif event.recorded_at <= self.listener.starts_with_events_after:
                found.append(Occasion(contact_id, f"event:{event.pk}", place[1], event.data, event.pk, event.depth))
        return found
