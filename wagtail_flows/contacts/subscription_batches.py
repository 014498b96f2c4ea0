"""Subscriptions of many contacts changed at once, as scenarios decide it: with a constant number of statements.

A scenario can't invent consent. Who is subscribed by one confirms by e-mail, unless the step says which consent was
given elsewhere; who unsubscribed is never subscribed without a confirmation; who left everything, or mustn't be written
to, isn't even asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from wagtail_flows.conf import conf
from wagtail_flows.contacts import signals
from wagtail_flows.contacts.event_kinds import LIST_SUBSCRIBED, LIST_UNSUBSCRIBED
from wagtail_flows.contacts.list_verbs import ListVerb
from wagtail_flows.contacts.models import COMMERCIAL, Consent, Contact, MailingList, Subscription
from wagtail_flows.contacts.subscriptions import AN_HOUR, confirmations_key
from wagtail_flows.contacts.suppressions import suppressed_ids
from wagtail_flows.contacts.transitions import (
    Evidence,
    become_subscribed,
    become_unsubscribed,
    begin_round,
    consent,
    list_event,
)
from wagtail_flows.events.recording import NewEvent
from wagtail_flows.lib import clock
from wagtail_flows.lib.limits import take_many


SCENARIO = "scenario"
BY_SCENARIO = Evidence(source=SCENARIO)
ON_NO_LIST = ""
Status = Subscription.Status
Place = tuple[int, int]


@dataclass(frozen=True)
class ListWish:
    """Do `verb` to a contact and the list with public id `mailing_list`. `wording` is kept as evidence: that of the
    consent which was given elsewhere (`has_consent`), else who did it.
    """

    contact_id: int
    mailing_list: str
    verb: ListVerb
    wording: str
    has_consent: bool = False


@dataclass(frozen=True)
class Became:
    """What became of a ListWish: the status before and after, ON_NO_LIST for none, and what is to be told about it,
    if anything. `is_lost`: there is no such list, or contact, any more.
    """

    before: str = ON_NO_LIST
    after: str = ON_NO_LIST
    event: NewEvent | None = None
    is_lost: bool = False


def change_subscriptions(wishes: Sequence[ListWish]) -> list[Became]:
    """Do it, one after the other in this order, keep the evidence, ask for confirmations, and say what each changed.
    Under the lock of the contacts.

    Events are left to the caller, who knows the cause.
    """
    batch = _loaded(wishes)
    now = clock.now()
    became = [batch.change(wish, now) for wish in wishes]
    batch.write()
    _ask(batch.begun(), now)
    return became


def status_after(before: str, verb: ListVerb, *, has_consent: bool) -> str:
    """The status that the verb leads to; what it leaves alone stays as it is. Pure."""
    match verb:
        case ListVerb.SUBSCRIBE if before == Status.UNSUBSCRIBED:
            return before
        case ListVerb.SUBSCRIBE if has_consent:
            return Status.SUBSCRIBED
        case ListVerb.SUBSCRIBE | ListVerb.SUBSCRIBE_AGAIN:
            return before if before == Status.SUBSCRIBED else Status.PENDING
        case ListVerb.ADD:
            return before or Status.ADDED
        case ListVerb.UNSUBSCRIBE:
            return Status.UNSUBSCRIBED if before else before
        case ListVerb.REMOVE:
            # A no outlives it: else one more step could subscribe again who has unsubscribed.
            return before if before == Status.UNSUBSCRIBED else ON_NO_LIST
        case _:
            assert_never(verb)


@dataclass
class _Batch:
    """What is known about contacts and lists, and what is to be written."""

    contacts: Mapping[int, Contact]
    lists: Mapping[str, MailingList]
    stored: Mapping[Place, Subscription]
    unwanted: set[int]

    def __post_init__(self) -> None:
        self.current: dict[Place, Subscription] = dict(self.stored)
        self.changed: dict[Place, Subscription] = {}
        self.evidence: list[Consent] = []

    def change(self, wish: ListWish, now: datetime) -> Became:
        mailing_list, contact = self.lists.get(wish.mailing_list), self.contacts.get(wish.contact_id)
        if mailing_list is None or contact is None:
            return Became(is_lost=True)
        place = (contact.pk, mailing_list.pk)
        known = self.current.get(place)
        before = known.status if known else ON_NO_LIST
        after = status_after(before, wish.verb, has_consent=wish.has_consent)
        if after == before or (after in (Status.PENDING, Status.SUBSCRIBED) and contact.pk in self.unwanted):
            return Became(before, before)
        found = known or Subscription(contact=contact, mailing_list=mailing_list, round=0, requested_at=now)
        found.contact, found.mailing_list = contact, mailing_list
        self._turn(found, before, after, wish, now)
        if after == ON_NO_LIST:
            del self.current[place]
            self.changed.pop(place, None)
        else:
            self.current[place] = self.changed[place] = found
        return Became(before, after, _event(found, before, after))

    def _turn(self, found: Subscription, before: str, after: str, wish: ListWish, now: datetime) -> None:
        """Change it in memory, and note what proves it."""
        action = Consent.Action.ASKED
        match after:
            case Status.PENDING:
                begin_round(found, now)
            case Status.SUBSCRIBED:
                if before != Status.PENDING:
                    begin_round(found, now)
                become_subscribed(found, now)
            case Status.UNSUBSCRIBED:
                become_unsubscribed(found, now)
                action = Consent.Action.WITHDREW
            case Status.ADDED:
                found.status = Status.ADDED
                return
            case _:
                return
        evidence = Evidence(wording=wish.wording, source=SCENARIO, locale=found.contact.locale)
        self.evidence.append(consent(found.contact, found.mailing_list, action, evidence, now))

    def write(self) -> None:
        gone = [one.pk for place, one in self.stored.items() if self.current.get(place) is not one]
        if gone:
            Subscription.objects.filter(pk__in=gone).delete()
        changed = self.changed.values()
        known = [one for one in changed if one.pk is not None]
        Subscription.objects.bulk_create([one for one in changed if one.pk is None])
        if known:
            columns = ["status", "round", "requested_at", "confirmed_at", "left_at"]
            Subscription.objects.bulk_update(known, columns)
        Consent.objects.bulk_create(self.evidence)

    def begun(self) -> list[Subscription]:
        """Those whose owners are to be asked."""
        return [one for one in self.changed.values() if one.status == Status.PENDING]


def _loaded(wishes: Sequence[ListWish]) -> _Batch:
    contacts = Contact.objects.in_bulk({wish.contact_id for wish in wishes})
    lists = MailingList.objects.filter(public_id__in={wish.mailing_list for wish in wishes})
    stored = Subscription.objects.filter(contact__in=contacts, mailing_list__in=[one.pk for one in lists])
    asking = (ListVerb.SUBSCRIBE, ListVerb.SUBSCRIBE_AGAIN)
    asked = {wish.contact_id for wish in wishes if wish.verb in asking}
    return _Batch(
        contacts=contacts,
        lists={str(one.public_id): one for one in lists},
        stored={(one.contact_id, one.mailing_list_id): one for one in stored},
        unwanted=suppressed_ids(asked, COMMERCIAL) if asked else set(),
    )


def _ask(begun: Iterable[Subscription], now: datetime) -> None:
    """Ask for the confirmations, within what an address may get in an hour."""
    waiting = list(begun)
    while waiting:
        # One for each person: few are asked about two lists in the same moment.
        keys = {confirmations_key(one.contact): one for one in waiting}
        allowed = take_many(keys, conf.CONFIRMATIONS_PER_ADDRESS, AN_HOUR, now=now)
        asked = [one for key, one in keys.items() if key in allowed]
        signals.invitations_wanted.send(Subscription, subscriptions=asked)
        waiting = [one for one in waiting if keys[confirmations_key(one.contact)] is not one]


def _event(subscription: Subscription, before: str, after: str) -> NewEvent | None:
    """Nobody is told that a wish was never confirmed."""
    if after == Status.SUBSCRIBED:
        return list_event(LIST_SUBSCRIBED, subscription, BY_SCENARIO)
    left = after == Status.UNSUBSCRIBED and before != Status.PENDING
    return list_event(LIST_UNSUBSCRIBED, subscription, BY_SCENARIO) if left else None
