"""Finding, making and locking contacts."""

from __future__ import annotations

import unicodedata

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from wagtail_flows.contacts.address import as_given, key_hash, normalise
from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.db import locked


# What a visitor or a shop tells about a contact, and how much of it the columns hold.
_LONGEST = {"first_name": 150, "last_name": 150, "locale": 35}


def get_or_create_contact(
    address: str, *, locale: str = "", first_name: str = "", last_name: str = "", now: datetime
) -> Contact:
    """The contact of this address, made if there is none. Raises InvalidAddress.

    What is told here fills blanks and never overwrites: whoever types an address into a form needn't be its owner.
    """
    key = normalise(address)
    told = {
        name: storable_text(value, _LONGEST[name])
        for name, value in (("first_name", first_name), ("last_name", last_name), ("locale", locale))
    }
    contact, is_new = Contact.objects.get_or_create(
        key=key, defaults={"address": as_given(address), "key_hash": key_hash(key), "created_at": now, **told}
    )
    if not is_new:
        _fill_blanks(contact, told)
    return contact


def lock_contacts(ids: Iterable[int]) -> list[Contact]:
    """Lock these contacts until the transaction ends, in the order of their ids, so that no two wait in a ring."""
    return list(locked(Contact.objects.filter(pk__in=set(ids)).order_by("pk")))


def storable_text(text: str, longest: int) -> str:
    """One line that every database takes: no control characters or lone surrogates, at most `longest` characters."""
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} else " " for c in text[: 4 * longest])
    return kept.strip()[:longest].rstrip()


def _fill_blanks(contact: Contact, told: dict[str, str]) -> None:
    if not _fresh(contact, told):
        return
    with transaction.atomic():
        # Read again under the lock: of two who fill the same blank at once, the second finds it filled.
        stored = locked(Contact.objects.filter(pk=contact.pk)).first()
        if stored is None:
            return
        for name, value in _fresh(stored, told).items():
            setattr(stored, name, value)
        stored.save(update_fields=[*told, "updated_at"])
    for name in told:
        setattr(contact, name, getattr(stored, name))


def _fresh(contact: Contact, told: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if value and not getattr(contact, name)}
