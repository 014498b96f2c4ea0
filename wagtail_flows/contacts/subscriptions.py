"""Subscribing, confirming and leaving: each safe when called twice or at the same time.

Every verb locks the contact's row first, so that for one contact they come one after the other; the evidence, the
events and what `contacts.signals` queues share its transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from wagtail_flows.conf import conf
from wagtail_flows.contacts import signals
from wagtail_flows.contacts.event_kinds import LIST_SUBSCRIBED, LIST_UNSUBSCRIBED
from wagtail_flows.contacts.models import Consent, Contact, MailingList, Subscription, Suppression
from wagtail_flows.contacts.suppressions import has_left_everything, lift_own, suppress
from wagtail_flows.contacts.transitions import (
    Evidence,
    become_subscribed,
    become_unsubscribed,
    begin_round,
    consent,
    list_event,
)
from wagtail_flows.contacts.verbs import lock_contacts
from wagtail_flows.events.recording import record
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import clock
from wagtail_flows.lib.limits import take


Status = Subscription.Status
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
# A form sent twice by an impatient finger is one wish: it gets one mail.
SAME_WISH = timedelta(minutes=1)


class ContactGone(FlowsError):
    """The contact was erased; there is nothing to change any more."""


class SupersededConfirmation(FlowsError):
    """This link belongs to an earlier request; use the newest e-mail, or subscribe again."""


def subscribe(
    contact: Contact,
    mailing_list: MailingList,
    *,
    evidence: Evidence,
    locale: str = "",
    origin: str = "",
    is_invited: bool = False,
) -> Subscription:
    """Note the wish to be on the list, with its evidence, and answer with the subscription.

    On a double opt-in list it stays pending until `confirm`; asking again while pending keeps the round, so the links
    already sent stay good. `locale` is the language used, `origin` whatever tells visitors apart, for the limit of
    mails one may cause. `is_invited`: it is somebody else's wish, so it has to be confirmed whatever the list says, the
    mail doesn't say that the contact asked, and who is subscribed already isn't told.
    """
    with transaction.atomic():
        contact = _lock(contact)
        now = clock.now()
        subscription = _find(contact, mailing_list)
        _keep(subscription, Consent.Action.ASKED, evidence, now)
        if subscription.status == Status.SUBSCRIBED:
            if not is_invited:
                _tell_owner(subscription, locale, origin, now)
        elif mailing_list.is_double_opt_in or is_invited or has_left_everything(contact):
            if _is_to_be_asked(subscription, origin, now):
                _ask_owner(subscription, locale, is_invited=is_invited)
        else:
            _begin_round(subscription, now)
            _become_subscribed(subscription, now, evidence)
    return subscription


def confirm(subscription: Subscription, round: int, *, evidence: Evidence) -> Subscription:  # noqa: A002
    """The owner of the address says yes to this round. Confirming it again changes nothing.

    Raises SupersededConfirmation when the contact left since then or asked anew, ContactGone when it was erased.
    """
    with transaction.atomic():
        contact = _lock(subscription.contact)
        current = Subscription.objects.select_related("mailing_list").filter(pk=subscription.pk).first()
        if current is None:
            raise ContactGone(ContactGone.__doc__)
        current.contact = contact
        if current.round != round or current.status == Status.UNSUBSCRIBED:
            raise SupersededConfirmation(SupersededConfirmation.__doc__)
        if current.status == Status.PENDING:
            now = clock.now()
            _keep(current, Consent.Action.CONFIRMED, evidence, now)
            lift_own(contact)
            _become_subscribed(current, now, _wish(current) or evidence)
    return current


def unsubscribe(contact: Contact, mailing_list: MailingList | None, *, evidence: Evidence) -> None:
    """Leave the list or, without one, all commercial mail and every list. Leaving again changes nothing."""
    with transaction.atomic():
        contact = _lock(contact)
        now = clock.now()
        if mailing_list is not None:
            _leave(_find(contact, mailing_list), evidence, now)
            return
        if not has_left_everything(contact):
            suppress(contact, Suppression.Scope.COMMERCIAL, Suppression.Reason.UNSUBSCRIBED)
            consent(contact, None, Consent.Action.WITHDREW, evidence, now).save()
        # Otherwise a later consent to one list would bring the mail of all the others back.
        for subscription in _active(contact):
            _leave(subscription, evidence, now)


def has_left(contact: Contact, mailing_list: MailingList | None) -> bool:
    """Whether the contact itself left the list or, without one, all commercial mail."""
    if mailing_list is None:
        return has_left_everything(contact)
    return contact.subscriptions.filter(mailing_list=mailing_list, status=Status.UNSUBSCRIBED).exists()


def _lock(contact: Contact) -> Contact:
    found = lock_contacts([contact.pk])
    if not found:
        raise ContactGone(ContactGone.__doc__)
    return found[0]


def _find(contact: Contact, mailing_list: MailingList) -> Subscription:
    """The stored subscription, or a new one that isn't stored yet (round 0). The contact is locked."""
    known = Subscription.objects.filter(contact=contact, mailing_list=mailing_list).first()
    found = known or Subscription(round=0, status="", requested_at=clock.now())
    found.contact, found.mailing_list = contact, mailing_list
    return found


def _active(contact: Contact) -> list[Subscription]:
    rows = contact.subscriptions.exclude(status=Status.UNSUBSCRIBED).order_by("pk")
    return list(rows.select_related("contact", "mailing_list"))


def _is_to_be_asked(subscription: Subscription, origin: str, now: datetime) -> bool:
    """Whether to send the link of this round, which is begun where none is, and noted as asked for now."""
    is_same_wish = subscription.status == Status.PENDING and now - subscription.requested_at < SAME_WISH
    if subscription.status != Status.PENDING:
        _begin_round(subscription, now)
    if is_same_wish or not _may_mail(subscription.contact, origin, now):
        return False
    subscription.requested_at = now
    subscription.save()
    return True


def _ask_owner(subscription: Subscription, locale: str, *, is_invited: bool) -> None:
    if is_invited:
        signals.invitations_wanted.send(Subscription, subscriptions=[subscription])
    else:
        signals.confirmation_wanted.send(Subscription, subscription=subscription, locale=locale)


def _tell_owner(subscription: Subscription, locale: str, origin: str, now: datetime) -> None:
    once_a_day = take(f"already-subscribed:{subscription.public_id}", 1, A_DAY, now=now)
    if once_a_day and _may_mail(subscription.contact, origin, now):
        signals.already_subscribed.send(Subscription, subscription=subscription, locale=locale)


def confirmations_key(contact: Contact) -> str:
    """Under which the mails are counted that ask this address for a confirmation."""
    return f"confirmation-to:{contact.key_hash}"


def _may_mail(contact: Contact, origin: str, now: datetime) -> bool:
    """Take one mail from what this address may get and this origin may cause in an hour."""
    if not take(confirmations_key(contact), conf.CONFIRMATIONS_PER_ADDRESS, AN_HOUR, now=now):
        return False
    return not origin or take(f"confirmation-by:{origin}", conf.CONFIRMATIONS_PER_ORIGIN, AN_HOUR, now=now)


def _begin_round(subscription: Subscription, now: datetime) -> None:
    begin_round(subscription, now)
    subscription.save()


def _wish(subscription: Subscription) -> Consent | None:
    """What was asked for last. Whoever asks how somebody came means the form, not the link of the confirmation."""
    asked = Consent.objects.filter(action=Consent.Action.ASKED, contact=subscription.contact)
    return asked.filter(mailing_list=subscription.mailing_list).order_by("-happened_at", "-pk").first()


def _become_subscribed(subscription: Subscription, now: datetime, evidence: Evidence | Consent) -> None:
    become_subscribed(subscription, now)
    subscription.save()
    record(list_event(LIST_SUBSCRIBED, subscription, evidence))


def _leave(subscription: Subscription, evidence: Evidence, now: datetime) -> None:
    before = subscription.status
    if before == Status.UNSUBSCRIBED:
        return
    # Also stored where there was no subscription: mail that named this list must stop, on whatever basis it came.
    become_unsubscribed(subscription, now)
    subscription.save()
    _keep(subscription, Consent.Action.WITHDREW, evidence, now)
    if before != Status.PENDING:
        record(list_event(LIST_UNSUBSCRIBED, subscription, evidence))


def _keep(subscription: Subscription, action: str, evidence: Evidence, now: datetime) -> None:
    consent(subscription.contact, subscription.mailing_list, action, evidence, now).save()
