"""Starting without an event: what is swept, and what a person or a program starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine import history
from wagtail_flows.engine.entering import Comer, enter
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.db import locked
from wagtail_flows.scenarios import live
from wagtail_flows.scenarios.live import ListeningTrigger
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.reentry import Past


MANUAL = "manual"
LONGEST_KEY = 100


class NotStartable(FlowsError):
    """This scenario can't be started by hand: publish it, with a trigger of the kind `manual`."""

    @staticmethod
    def told() -> str:
        """The same, for the admin."""
        return _("This scenario can’t be started by hand: publish it, with a trigger of the kind “manual”.")


@dataclass(frozen=True)
class Occasion:
    """Why a contact comes in now. `name` tells two occasions apart, `subject` what it is about ("" nothing);
    `event_id`, `depth`: of the event, if it was one.
    """

    contact_id: int
    name: str
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    event_id: int | None = None
    depth: int = 0


def start(scenario: Scenario, contact_ids: Iterable[int], key: str, *, data: Mapping[str, Any] | None = None) -> int:
    """Let these contacts (by primary key) come in by the manual trigger, as far as its re-entry rule, the audience and
    how they left before let them. How many did. Raises NotStartable.

    `key` (1 to 100 characters) names the occasion: starting again with the same key starts nobody twice, so a start
    that was cut off is simply repeated. Batches commit one by one, unless the caller holds a transaction.
    """
    listener = next((one for one in live.listening_as(MANUAL) if one.scenario_id == scenario.pk), None)
    if listener is None:
        raise NotStartable(f"{scenario}: {NotStartable.__doc__}")
    if not 1 <= len(key) <= LONGEST_KEY:
        raise ValueError(f"A key has 1 to {LONGEST_KEY} characters, not {len(key)}.")
    now = clock.now()
    entered = 0
    for ids in in_portions(contact_ids):
        with transaction.atomic():
            contacts = lock(ids)
            occasions = [Occasion(pk, f"manual:{key}", data=data or {}) for pk in contacts]
            entered += bring_in(listener, occasions, contacts, now)
    if entered:
        bell.ring()
    return entered


def in_portions(contact_ids: Iterable[int]) -> Iterator[list[int]]:
    """As many at a time as one transaction takes."""
    rest = iter(contact_ids)
    while portion := list(islice(rest, conf.BATCH_SIZE)):
        yield portion


def lock(contact_ids: Iterable[int]) -> dict[int, Contact]:
    """Lock these contacts in the order of their ids, waiting for who holds them; those that exist, by id."""
    rows = Contact.objects.filter(pk__in=list(contact_ids)).only("pk", "time_zone").order_by("pk")
    return {contact.pk: contact for contact in locked(rows)}


def bring_in(
    listener: ListeningTrigger, occasions: Sequence[Occasion], contacts: Mapping[int, Contact], now: datetime
) -> int:
    """Let in who may, of these (locked) contacts, the first occasion of each first; how many. A constant number of
    queries.
    """
    zones = {pk: zone_named(contact.time_zone) for pk, contact in contacts.items()}
    keys = {_key(listener, one, Past(now)) for one in occasions}
    pairs = [(one.contact_id, listener) for one in occasions]
    histories = history.of(pairs, keys, zones, now)
    open_subjects = set(
        Enrollment.objects.inside()
        .filter(scenario_id=listener.scenario_id, contact_id__in=contacts)
        .values_list("contact_id", "subject")
    )
    comers: list[Comer] = []
    for one in occasions:
        if (one.contact_id, one.subject) in open_subjects or (comer := _comer(listener, one, histories)) is None:
            continue
        open_subjects.add((one.contact_id, one.subject))
        histories.used[one.contact_id].add((listener.scenario_id, comer.key))
        comers.append(comer)
    return len(enter(comers, now))


def _comer(listener: ListeningTrigger, occasion: Occasion, histories: history.Histories) -> Comer | None:
    contact_id, scenario_id = occasion.contact_id, listener.scenario_id
    past = histories.pasts[contact_id].get(scenario_id, histories.nothing(contact_id))
    key = _key(listener, occasion, past)
    if not key or scenario_id in histories.held[contact_id] or (scenario_id, key) in histories.used[contact_id]:
        return None
    return Comer(
        contact_id,
        listener,
        key,
        subject=occasion.subject,
        data=occasion.data,
        event_id=occasion.event_id,
        depth=occasion.depth,
    )


def _key(listener: ListeningTrigger, occasion: Occasion, past: Past) -> str:
    """ "" where the re-entry rule doesn't let the contact in now."""
    return listener.trigger.key_for(occasion.subject, occasion.name, past) or ""
