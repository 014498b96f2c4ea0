"""Writing what is known about a contact: one typed value, or none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from wagtail_flows.contacts.models import Contact, ContactProperty, Property
from wagtail_flows.contacts.verbs import lock_contacts, storable_text


Value = str | Decimal | bool | date | None

LONGEST_TEXT = 500


def set_property(contact: Contact, prop: Property, value: Value) -> None:
    """Make `value`, which is of the property's type, the contact's; None or "" takes it away."""
    if isinstance(value, str):
        value = storable_text(value, LONGEST_TEXT)
    with transaction.atomic():
        lock_contacts([contact.pk])
        if value is None or value == "":
            ContactProperty.objects.filter(contact=contact, property=prop).delete()
            return
        columns = dict.fromkeys(Property.Type.values) | {prop.type: value}
        ContactProperty.objects.update_or_create(contact=contact, property=prop, defaults=columns)
