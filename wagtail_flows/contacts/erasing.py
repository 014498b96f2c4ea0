"""Erasing a person, whatever is going on about them at that moment."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from wagtail_flows.contacts.models import Contact, Suppression
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib.db import locked_to_delete


def erase(contact: Contact, delete: Callable[[], object] | None = None) -> None:
    """Delete the contact with all that is known here; only the hash of the address stays, so that nobody writes to it
    again. `delete` does the deleting, where something is to be noted with it.

    Waits for a runner that holds the contact: what it writes is erased as well. Who records something about the contact
    at this moment, without having committed it, gets an IntegrityError.
    """
    with transaction.atomic():
        locked_to_delete(Contact.objects.filter(pk=contact.pk)).first()
        suppress(contact, Suppression.Scope.COMMERCIAL, Suppression.Reason.ERASED)
        key_hash = contact.key_hash
        (delete or contact.delete)()
        Suppression.objects.filter(key_hash=key_hash).update(address="")
