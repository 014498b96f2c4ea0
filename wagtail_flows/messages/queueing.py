"""Queueing: deliveries come into being in the transaction of what causes them, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction

from wagtail_flows.contacts.models import Contact
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.among import among
from wagtail_flows.lib.inserting import Alike, insert_alike
from wagtail_flows.messages import reasons
from wagtail_flows.messages.channels import port
from wagtail_flows.messages.delivery_models import EMAIL, Basis, Delivery, Stream
from wagtail_flows.messages.message_model import Message


Kind = Delivery.Kind


class NotQueued(FlowsError):
    """The database took fewer deliveries than it was given: a contact, a visit or a list doesn't exist (any more)."""


class UnknownChannel(FlowsError):
    """There is no such channel: install the package that brings it, or take out the step that names it."""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A wish to write to a contact.

    `message_key` is the translation key of a Message, None for the kinds that need none. `basis` overrides the
    message's. `context` holds what the mail will be rendered with (JSON). `locale` "" means the contact's; `due_at`
    None means now; `late`: how long after now sending it still makes sense (None: as the site's limits say). By another
    `channel` there is no message: it makes its copy of `context["payload"]`, and `basis` must be given. `address` ""
    means the contact's e-mail address.
    """

    contact_id: int
    message_key: UUID | None = None
    kind: str = Kind.MESSAGE
    visit_id: int | None = None
    scenario_id: int | None = None
    mailing_list_id: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    locale: str = ""
    due_at: datetime | None = None
    basis: str = ""
    channel: str = EMAIL
    address: str = ""
    late: timedelta | None = None


class Recipient(NamedTuple):
    """To whom, and by which visit, which is new."""

    contact_id: int
    visit_id: int


@dataclass(frozen=True, slots=True)
class _Traits:
    """What a delivery takes from its message."""

    stream: str
    basis: str
    asks_for_review: bool = False
    is_live: bool = True


TRANSACTIONAL = _Traits(Stream.TRANSACTIONAL, Basis.TRANSACTION)
NOT_LIVE = _Traits(Stream.COMMERCIAL, Basis.SUBSCRIPTION, is_live=False)


def queue(wishes: Sequence[NewDelivery]) -> list[Delivery]:
    """Store the wishes as deliveries and ring the bell once the transaction commits. Answers with them, in the same
    order.

    A visit that has a delivery keeps it: queueing twice sends once. A wish that can't come true, because its message
    isn't live, is stored as skipped, so that it can be asked why. Contacts that were erased meanwhile have none;
    UnknownChannel and NotQueued tell of anything else.
    """
    if not wishes:
        return []
    _check_channels(wishes)
    people = _people({one.contact_id for one in wishes})
    traits = _traits_by_key({one.message_key for one in wishes if one.message_key})
    now = clock.now()
    known = [one for one in wishes if one.contact_id in people]
    with transaction.atomic():
        stored = _stored([_delivery(one, people[one.contact_id], _traits_of(one, traits), now) for one in known])
        bell.ring()
    return stored


def queue_alike(groups: Sequence[tuple[NewDelivery, Sequence[Recipient]]]) -> None:
    """Store each wish for all of its recipients, as `queue` does, without an object for each. Only in a transaction
    that holds the contacts, and has just stored the visits: so there is nothing that could stand against a row.
    """
    wishes = [wish for wish, _recipients in groups]
    _check_channels(wishes)
    people = _people({one.contact_id for _wish, recipients in groups for one in recipients})
    traits = _traits_by_key({one.message_key for one in wishes if one.message_key})
    now = clock.now()
    rows: list[Alike[Delivery]] = []
    for wish, recipients in groups:
        like = _delivery(wish, people[recipients[0].contact_id], _traits_of(wish, traits), now)
        own = [(uuid4(), *one, *_addressed(wish, people[one.contact_id])) for one in recipients]
        rows.append(Alike(like, ("public_id", "contact_id", "visit_id", "address", "locale"), own))
    insert_alike(Delivery, rows)
    bell.ring()


def _check_channels(wishes: Iterable[NewDelivery]) -> None:
    if unknown := sorted({one.channel for one in wishes if not port.is_known(one.channel)}):
        raise UnknownChannel(f"{unknown[0]}: {UnknownChannel.__doc__}")


def _stored(new: Sequence[Delivery]) -> list[Delivery]:
    """Insert them, leaving alone those whose visit has one; what now stands there."""
    Delivery.objects.bulk_create(new, ignore_conflicts=True)
    found = Delivery.objects.filter(public_id__in=[one.public_id for one in new])
    by_id = {one.public_id: one for one in found}
    missing = [one.visit_id for one in new if one.public_id not in by_id]
    earlier = {one.visit_id: one for one in Delivery.objects.filter(visit__in=missing)} if any(missing) else {}
    stored = [by_id.get(one.public_id) or earlier.get(one.visit_id) for one in new]
    if None in stored:
        raise NotQueued(NotQueued.__doc__)
    return [one for one in stored if one is not None]


def _traits_by_key(keys: Iterable[UUID]) -> dict[UUID, _Traits]:
    """The traits of each live message. Where translations differ, the most careful reading holds."""
    found: dict[UUID, _Traits] = {}
    for message in Message.objects.filter(translation_key__in=set(keys), live=True).order_by("pk"):
        traits = _Traits(message.stream, message.basis, message.asks_for_review)
        other = found.get(message.translation_key)
        found[message.translation_key] = _more_careful(other, traits) if other else traits
    return found


def _more_careful(one: _Traits, other: _Traits) -> _Traits:
    asks_for_review = one.asks_for_review or other.asks_for_review
    stricter = min(one, other, key=lambda it: (it.stream != Stream.COMMERCIAL, it.basis != Basis.SUBSCRIPTION))
    return _Traits(stricter.stream, stricter.basis, asks_for_review)


def _traits_of(wish: NewDelivery, traits: Mapping[UUID, _Traits]) -> _Traits:
    if wish.channel != EMAIL:
        return TRANSACTIONAL if wish.basis == Basis.TRANSACTION else _Traits(Stream.COMMERCIAL, wish.basis)
    if wish.kind != Kind.MESSAGE:
        return TRANSACTIONAL
    return traits.get(wish.message_key, NOT_LIVE) if wish.message_key else NOT_LIVE


def _people(contact_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """The address and the language of each contact that exists."""
    found = Contact.objects.filter(among("pk", list(contact_ids)))
    return {pk: (address, locale) for pk, address, locale in found.values_list("pk", "address", "locale")}


def _addressed(wish: NewDelivery, person: tuple[str, str]) -> tuple[str, str]:
    """Where it goes to, and in which language."""
    address, locale = person
    return wish.address or address, wish.locale or locale


def _delivery(wish: NewDelivery, person: tuple[str, str], traits: _Traits, now: datetime) -> Delivery:
    # A copy: a correction of the contact's address must not carry an old consent over to a new mailbox.
    address, locale = _addressed(wish, person)
    delivery = Delivery(
        contact_id=wish.contact_id,
        address=address,
        channel=wish.channel,
        kind=wish.kind,
        visit_id=wish.visit_id,
        scenario_id=wish.scenario_id,
        mailing_list_id=wish.mailing_list_id,
        message_key=wish.message_key,
        context=dict(wish.context),
        locale=locale,
        stream=traits.stream,
        basis=wish.basis or traits.basis,
        asks_for_review=traits.asks_for_review,
        queued_at=now,
        due_at=wish.due_at or now,
        too_late_at=now + wish.late if wish.late is not None else None,
    )
    if not traits.is_live:
        delivery.status, delivery.reason, delivery.ended_at = Delivery.Status.SKIPPED, reasons.MESSAGE_NOT_LIVE, now
    return delivery
