"""Properties of many contacts changed at once, with a constant number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.contacts.property_values import LONGEST_TEXT, Value
from wagtail_flows.contacts.verbs import storable_text
from wagtail_flows.lib import clock


COLUMNS = [*Property.Type.values, "text_folded", "updated_at"]


@dataclass(frozen=True)
class Wanted:
    """Make `value`, which is of the property's type, the contact's (None: take it away), or with `is_added` add it to
    the number that is there.
    """

    contact_id: int
    name: str
    value: Value
    is_added: bool = False


@dataclass(frozen=True)
class Changed:
    """What became of a Wanted: the value before and after; `prop` None: there is no such property any more."""

    prop: Property | None
    old: Value = None
    new: Value = None


def change_properties(wanted: Sequence[Wanted]) -> list[Changed]:
    """Do it, one after the other in this order, and say what each changed. Under the lock of the contacts.

    Events and `property_changed` are left to the caller, who knows the cause.
    """
    props = {prop.name: prop for prop in Property.objects.filter(name__in={one.name for one in wanted})}
    stored = ContactProperty.objects.filter(
        property__in=props.values(), contact_id__in={one.contact_id for one in wanted}
    ).select_related("property")
    values: dict[tuple[int, str], Value] = {(one.contact_id, one.property.name): one.value for one in stored}
    before = dict(values)
    changed = [_change(one, props.get(one.name), values) for one in wanted]
    _write({place: value for place, value in values.items() if value != before.get(place)}, props)
    return changed


def _change(one: Wanted, prop: Property | None, values: dict[tuple[int, str], Value]) -> Changed:
    if prop is None:
        return Changed(None)
    place = (one.contact_id, one.name)
    old = values.get(place)
    values[place] = _new_value(one, old)
    return Changed(prop, old, values[place])


def _new_value(one: Wanted, old: Value) -> Value:
    if one.is_added and isinstance(one.value, Decimal):
        return one.value + (old if isinstance(old, Decimal) else 0)
    if isinstance(one.value, str):
        return storable_text(one.value, LONGEST_TEXT) or None
    return one.value


def _write(values: dict[tuple[int, str], Value], props: dict[str, Property]) -> None:
    rows = [_row(contact_id, props[name], value) for (contact_id, name), value in values.items() if value is not None]
    if rows:
        ContactProperty.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["contact", "property"], update_fields=COLUMNS
        )
    for name, prop in props.items():
        gone = [contact_id for (contact_id, other), value in values.items() if other == name and value is None]
        if gone:
            ContactProperty.objects.filter(property=prop, contact_id__in=gone).delete()


def _row(contact_id: int, prop: Property, value: Value) -> ContactProperty:
    return ContactProperty(contact_id=contact_id, property=prop, updated_at=clock.now(), **{prop.type: value})
