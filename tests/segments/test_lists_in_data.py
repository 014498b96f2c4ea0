"""`contains` about a list in the data of an event: one of its items, and never a part of one."""

from __future__ import annotations

import pytest

from tests.segments.oracle import data_holds
from tests.segments.test_recipes import happened
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.segments.rules import Condition
from wagtail_flows.segments.sources.happenings import with_condition


pytestmark = pytest.mark.django_db
GIVEN = {
    "listed": ["P1", "P2"],
    "alike": ["P10", 1, None, {"P1": 1}],
    "empty": [],
    "text": "xP1x",
    "looks like a list": '["P1"]',
    "object": {"a": 5},
    "nothing": None,
    "quoted": ['it"s é', "100%"],
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("P1", {"listed", "text", "looks like a list"}),
        ("P2", {"listed"}),
        # A number is its text, as everywhere.
        ("1", {"alike", "text", "looks like a list"}),
        ("P10", {"alike"}),
        ('it"s é', {"quoted"}),
        ("100%", {"quoted"}),
        ("00", set()),
    ],
)
@pytest.mark.parametrize("name", ["products", "an odd %s name"])
def test_a_list_contains_its_items_and_a_text_what_stands_in_it(wagtail_site, wanted, found, name):
    contact = get_or_create_contact("anna@example.org", now=clock.now())
    for number, (label, value) in enumerate(GIVEN.items()):
        happened(contact, "order.placed", number, label=label, **{name: value})
    happened(contact, "order.placed", len(GIVEN), label="missing")
    condition = Condition(name, "contains", wanted)
    rows = with_condition(Event.objects.all(), condition)
    assert set(rows.values_list("data__label", flat=True)) == found
    assert {label for label, value in GIVEN.items() if data_holds(condition, value)} == found
