"""Addresses never to be written to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from wagtail_flows.contacts.address import as_given, key_hash, normalise
from wagtail_flows.contacts.models import Contact, Suppression, suppressing_scopes
from wagtail_flows.contacts.verbs import storable_text
from wagtail_flows.lib import clock
from wagtail_flows.lib.db import locked


def suppress(address_or_contact: str | Contact, scope: str, reason: str, note: str = "") -> Suppression:
    """Never write to this address again (in this scope); doing it twice changes nothing. Raises InvalidAddress.

    A stronger reason replaces "unsubscribed", which is the only one that a new consent lifts.
    """
    if scope not in Suppression.Scope.values or reason not in Suppression.Reason.values:
        raise ValueError(f"Not a scope and a reason of a suppression: {scope!r}, {reason!r}.")
    address, hashed = _known_as(address_or_contact)
    values = {"address": address, "reason": reason, "note": storable_text(note, 250), "created_at": clock.now()}
    with transaction.atomic():
        # The contact's row is locked first, as everywhere, so that a confirmation at this moment comes before or after.
        locked(Contact.objects.filter(key_hash=hashed)).first()
        suppression, is_new = Suppression.objects.get_or_create(key_hash=hashed, scope=scope, defaults=values)
        if not is_new and suppression.reason == Suppression.Reason.UNSUBSCRIBED != reason:
            _strengthen(suppression, reason, values["note"])
    return suppression


def is_suppressed(contact: Contact, stream: str) -> bool:
    """Whether mail of this stream (`commercial`, `transactional`) must not go to the contact."""
    return bool(suppressed_ids([contact.pk], stream))


def suppressed_ids(contact_ids: Iterable[int], stream: str) -> set[int]:
    """Those of the contacts that mail of this stream must not go to: one query for all of them."""
    hashes = Suppression.objects.filter(scope__in=suppressing_scopes(stream)).values("key_hash")
    return set(Contact.objects.filter(pk__in=set(contact_ids), key_hash__in=hashes).values_list("pk", flat=True))


def has_left_everything(contact: Contact) -> bool:
    """Whether the contact itself left all commercial mail (and nothing graver holds it back)."""
    return _by_own_will(contact.key_hash).exists()


def lift_own(contact: Contact) -> int:
    """Take back what the contact itself asked for, now that it asks for mail again; nothing else is lifted."""
    return _by_own_will(contact.key_hash).delete()[0]


def _by_own_will(hashed: str) -> QuerySet[Suppression]:
    return Suppression.objects.filter(
        key_hash=hashed, scope=Suppression.Scope.COMMERCIAL, reason=Suppression.Reason.UNSUBSCRIBED
    )


def _strengthen(suppression: Suppression, reason: str, note: object) -> None:
    suppression.reason, suppression.note = reason, str(note)
    suppression.save(update_fields=["reason", "note"])


def _known_as(address_or_contact: str | Contact) -> tuple[str, str]:
    if isinstance(address_or_contact, Contact):
        return address_or_contact.address, address_or_contact.key_hash
    return as_given(address_or_contact), key_hash(normalise(address_or_contact))
