"""The documentation of segments: its table is current and true, its code runs."""

import re

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from django.db.models import F

from tests.segments.segments_reference import PAGE, holds_without_value, page
from wagtail_flows.contacts.models import Contact, ContactProperty, Property
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.segments import compiling
from wagtail_flows.segments.compiling import Scope, answers, compile_rule
from wagtail_flows.segments.operators import OPERATORS, FieldType, Operand
from wagtail_flows.segments.rules import Clause


NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs"
VALUES = {
    FieldType.TEXT: ("fr", "x"),
    FieldType.NUMBER: (Decimal(0), Decimal(1)),
    FieldType.DATE: (date(2026, 3, 29), date(2026, 3, 30)),
    FieldType.MOMENT: (date(2026, 3, 29), date(2026, 3, 30)),
}
NOTHING = {"missing": None, "null": {}, "blank": {"text": ""}, "white": {"text": " \t\u3000"}}


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "Run `make docs`."


def compared(field_type, operator):
    low, high = VALUES.get(field_type, (None, None))
    return {
        Operand.NONE: None,
        Operand.ONE: low,
        Operand.TWO: (low, high),
        Operand.MANY: (low, high),
        Operand.DAYS: 30,
        Operand.MONTH: 3,
    }[operator.operand]


@pytest.fixture
def anna(db):
    return get_or_create_contact("anna@example.org", now=NOW)


def holds(clause):
    scope = Scope(now=NOW, zone=ZoneInfo("Europe/Paris"))
    return Contact.objects.filter(compile_rule(clause, scope)).exists()


PROPERTY_TYPES = (FieldType.TEXT, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE)


@pytest.mark.parametrize("state", NOTHING)
@pytest.mark.parametrize("field_type", PROPERTY_TYPES)
def test_of_a_property_that_is_not_known_each_operator_holds_as_the_table_says(anna, field_type, state):
    known = Property.objects.create(name="p", label="P", type=str(field_type))
    if NOTHING[state] is not None:
        ContactProperty.objects.create(contact=anna, property=known, **NOTHING[state])
    wrong = [
        operator.name
        for operator in OPERATORS[field_type]
        if holds(Clause("property.p", operator.name, compared(field_type, operator)))
        != holds_without_value(field_type, operator)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["", "   ", "\u00a0\n"])
@pytest.mark.parametrize("operator", OPERATORS[FieldType.TEXT], ids=lambda operator: operator.name)
def test_a_blank_column_counts_as_not_known(anna, name, operator):
    Contact.objects.filter(pk=anna.pk).delete()
    Contact.objects.create(address="b@x.fr", key="b@x.fr", key_hash="b", first_name=name, created_at=NOW)
    clause = Clause("contact.first_name", operator.name, compared(FieldType.TEXT, operator))
    assert holds(clause) == holds_without_value(FieldType.TEXT, operator)


@pytest.mark.parametrize("field", ["list.subscribed_at", "order.first_at", "order.delivered_at"])
def test_a_moment_that_never_was_is_not_known(anna, field):
    options = (("list", "5f0c0d8e-0000-4000-8000-000000000000"),) if field.startswith("list.") else ()
    wrong = [
        operator.name
        for operator in OPERATORS[FieldType.MOMENT]
        if holds(Clause(field, operator.name, compared(FieldType.MOMENT, operator), options))
        != holds_without_value(FieldType.MOMENT, operator)
    ]
    assert wrong == []


@pytest.mark.parametrize("field", ["order.total", "order.average"])
def test_an_amount_without_orders_is_not_known_rather_than_nought(anna, field):
    wrong = [
        operator.name
        for operator in OPERATORS[FieldType.NUMBER]
        if holds(Clause(field, operator.name, compared(FieldType.NUMBER, operator)))
        != holds_without_value(FieldType.NUMBER, operator)
    ]
    assert wrong == []


@pytest.mark.parametrize("field", ["order.count", "engagement.opened", "cart.abandoned", "event.order.placed"])
@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("at_least_once", None, False),
        ("never", None, True),
        ("equals", 0, True),
        ("equals", 1, False),
        ("at_least", 0, True),
        ("more_than", 0, False),
        ("less_than", 1, True),
        ("at_most", 0, True),
        ("between", (0, 2), True),
        ("between", (1, 2), False),
    ],
)
def test_a_count_without_anything_is_nought(anna, field, operator, value, expected):
    assert holds(Clause(field, operator, value)) == expected


def test_the_field_that_the_documentation_adds_can_be_asked(anna, monkeypatch):
    code = re.findall(r"```python\n(.*?)```", (DOCS / "how-to" / "add-a-segment-field.md").read_text(), re.DOTALL)
    names = {"Card": CardsOfPoints}
    exec(code[0].replace("from acme.loyalty.models import Card\n", ""), names)  # noqa: S102 (our own page)
    monkeypatch.setattr(compiling, "_sources", [])
    registered = {}
    monkeypatch.setattr("wagtail.hooks.register", lambda hook: lambda made: registered.setdefault(hook, made))
    exec(code[1], names)  # noqa: S102
    compiling.register(registered["register_flows_segment_field"]())
    assert list(answers()) == ["acme.points"]
    known = Property.objects.create(name="points", label="Points", type="number")
    assert not holds(Clause("acme.points", "at_least", Decimal(10)))
    ContactProperty.objects.create(contact=anna, property=known, number=Decimal("12.5"))
    assert holds(Clause("acme.points", "at_least", Decimal(10)))
    [(_field, source)] = answers().values()
    assert source.seen(Clause("acme.points", "is_set"), [anna.pk], Scope()) == {anna.pk: Decimal("12.5")}


class CardsOfPoints:
    """What the documentation's Card would be: a table with a contact and points."""

    class objects:  # noqa: N801
        @staticmethod
        def filter(*tests, **conditions):
            return ContactProperty.objects.annotate(points=F("number")).filter(*tests, **conditions)


@pytest.mark.parametrize("page_name", ["how-to/segments.md", "how-to/add-a-segment-field.md", "reference/segments.md"])
def test_the_links_of_the_pages_lead_somewhere(page_name):
    path = DOCS / page_name
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target
