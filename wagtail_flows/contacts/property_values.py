"""Writing what is known about a contact: one typed value, or none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from wagtail_flows.contacts import signals
from wagtail_flows.contacts.models import Contact, ContactProperty, Property
from wagtail_flows.contacts.property_events import record_change
from wagtail_flows.contacts.verbs import lock_contacts, storable_text


Value = str | Decimal | bool | date | None

LONGEST_TEXT = 500


def set_property(
    contact: Contact, prop: Property, value: Value, *, cause_id: int | None = None, depth: int = 0
) -> None:
    """Make `value`, which is of the property's type, the contact's; None or "" takes it away.

    A value that is another than before records an event; `cause_id` and `depth` are those of `NewEvent`.
    """
    if isinstance(value, str):
        value = storable_text(value, LONGEST_TEXT)
    with transaction.atomic():
        lock_contacts([contact.pk])
        before = ContactProperty.objects.filter(contact=contact, property=prop).select_related("property").first()
        if value is None or value == "":
            ContactProperty.objects.filter(contact=contact, property=prop).delete()
        else:
            columns = dict.fromkeys(Property.Type.values) | {prop.type: value}
            ContactProperty.objects.update_or_create(contact=contact, property=prop, defaults=columns)
        old, new = before.value if before else None, None if value == "" else value
        record_change(contact.pk, prop, old, new, cause_id=cause_id, depth=depth)
        signals.property_changed.send(Property, contact_ids=[contact.pk], name=prop.name)
