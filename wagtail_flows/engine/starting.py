"""Starting without an event: what is swept, and what a person or a program starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from wagtail_flows.lib.among import among
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


def lock(contact_ids: Iterable[int]) -> dict[int, str]:
    """Lock these contacts in the order of their ids, waiting for who holds them. The names of the time zones of those
    that exist, by id.
    """
    rows = Contact.objects.filter(among("pk", list(contact_ids))).order_by("pk")
    return dict(locked(rows).values_list("pk", "time_zone"))


def bring_in(
    listener: ListeningTrigger, occasions: Sequence[Occasion], contacts: Mapping[int, str], now: datetime
) -> int:
    """Let in who may, of these (locked) contacts with their time zones, the first occasion of each first; how many. A
    constant number of queries.
    """
    zones = {name: zone_named(name) for name in set(contacts.values())}
    keys = {_key(listener, one, Past(now)) for one in occasions}
    pairs = [(one.contact_id, listener) for one in occasions]
    histories = history.of(pairs, keys, {pk: zones[name] for pk, name in contacts.items()}, now)
    open_subjects = _open_subjects(listener, histories.known)
    used: set[tuple[int, str]] = set()
    comers: list[Comer] = []
    for one in occasions:
        key = _key(listener, one, histories.past(one.contact_id, listener.scenario_id))
        place, entry = (one.contact_id, one.subject), (one.contact_id, key)
        if not key or place in open_subjects or entry in used:
            continue
        if histories.stands_against(one.contact_id, listener.scenario_id, key):
            continue
        open_subjects.add(place)
        used.add(entry)
        comers.append(Comer(one.contact_id, listener, key, one.subject, one.data, one.event_id, one.depth))
    return len(enter(comers, now))


def _open_subjects(listener: ListeningTrigger, contact_ids: Collection[int]) -> set[tuple[int, str]]:
    """About what these contacts are inside."""
    if not contact_ids:
        return set()
    inside = Enrollment.objects.inside().filter(
        among("contact_id", sorted(contact_ids)), scenario_id=listener.scenario_id
    )
    return set(inside.values_list("contact_id", "subject"))


def _key(listener: ListeningTrigger, occasion: Occasion, past: Past) -> str:
    """ "" where the re-entry rule doesn't let the contact in now."""
    return listener.trigger.key_for(occasion.subject, occasion.name, past) or ""
