"""What a shop tells about its customers, into contacts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wagtail_flows.contacts.address import InvalidAddress, normalise
from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.verbs import get_or_create_contact, lock_contacts
from wagtail_flows.lib import clock
from wagtail_flows.shop.claims import customer_claims
from wagtail_flows.shop.facts import CustomerFact
from wagtail_flows.shop.merging import Known, merged, value
from wagtail_flows.shop.models import Customer, Shop


FIELDS = ("first_name", "last_name", "locale")


def upsert_customers(shop: Shop, facts: Iterable[CustomerFact], told_at: datetime) -> None:
    """Merge these facts into contacts, which stay locked until the end of the transaction.

    Contacts are always locked before the order that they belong to, so that no two transactions wait in a ring.
    """
    told = [(_contact(fact.address), fact) for fact in facts if _key(fact.address)]
    lock_contacts(contact.pk for contact, _fact in told)
    for contact, fact in told:
        _upsert_customer(shop, contact, fact, told_at)


def contact_of(order: Known) -> Contact | None:
    """The contact behind the order's address; None while the order has none that mail could go to."""
    address = value(order, "address")
    if address is None or _key(address) is None:
        return None
    return get_or_create_contact(address, locale=value(order, "locale") or "", now=clock.now())


def _key(address: str) -> str | None:
    try:
        return normalise(address)
    except InvalidAddress:
        return None


def _contact(address: str) -> Contact:
    return get_or_create_contact(address, now=clock.now())


def _upsert_customer(shop: Shop, contact: Contact, fact: CustomerFact, told_at: datetime) -> None:
    customer, _is_new = Customer.objects.get_or_create(shop=shop, contact=contact)
    before: Known = customer.told
    after = merged(before, customer_claims(fact, told_at))
    if after == before:
        return
    customer.told = after
    customer.save()
    for field in FIELDS:
        _tell_contact(contact, field, value(before, field) or "", value(after, field) or "")


def _tell_contact(contact: Contact, field: str, before: str, after: str) -> None:
    """Overwrite only a blank or what this shop had told before: what somebody typed in the admin or in a form stays."""
    if before != after:
        Contact.objects.filter(pk=contact.pk, **{f"{field}__in": ["", before]}).update(**{field: after})
