"""What is known about a contact: written once, and told as an event when it is another than before."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.contacts.property_values import set_property
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event


pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        ("text", ["silver", "silver", "gold", ""], [(None, "silver"), ("silver", "gold"), ("gold", None)]),
        ("number", [Decimal("41"), Decimal("41.00"), Decimal("1E+2")], [(None, "41"), ("41", "100")]),
        ("boolean", [False, True, None], [(None, False), (False, True), (True, None)]),
        ("date", [date(1990, 2, 28), date(1990, 2, 28)], [(None, "1990-02-28")]),
        ("text", [None, ""], []),
    ],
)
def test_a_change_is_told_once_with_both_values(kind, values, told):
    alice = get_or_create_contact("alice@example.org", now=NOON)
    prop = Property.objects.create(name="it", label="It", type=kind)
    for value in values:
        set_property(alice, prop, value)
    events = list(Event.objects.order_by("pk"))
    assert [(one.data["old"], one.data["new"]) for one in events if one.data["type"] == kind] == told
    assert {(one.kind, one.subject, one.contact) for one in events} <= {
        ("contact.property_changed", "property:it", alice)
    }
    assert ContactProperty.objects.exists() == (values[-1] not in (None, ""))


def test_it_carries_what_caused_it():
    alice = get_or_create_contact("alice@example.org", now=NOON)
    set_property(alice, Property.objects.create(name="it", label="It"), "x", depth=3)
    assert Event.objects.get().depth == 3
