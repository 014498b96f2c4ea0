"""The compiled query and plain Python agree about everybody, on every database."""

from __future__ import annotations

import uuid

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.segments import oracle
from tests.segments.strategies import WORDS, rules, texts
from wagtail_flows.contacts.models import Contact, ContactProperty, MailingList, Property, Subscription
from wagtail_flows.events import kinds
from wagtail_flows.events.models import Event
from wagtail_flows.segments.compiling import Scope, answers, compile_rule
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause, Condition, Group


PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
LISTS = tuple(str(uuid.UUID(int=number)) for number in (1, 2))
KINDS = ("message.sent", "message.opened", "cart.updated", "order.placed")
PROPERTIES = {
    "shoe": Property.Type.NUMBER,
    "town": Property.Type.TEXT,
    "born": Property.Type.DATE,
    "vip": Property.Type.BOOLEAN,
}

moments = st.sampled_from((0, 1, 7, 8, 30, 399, 400, 2000, -1, -8)).flatmap(
    lambda days: st.sampled_from((0, 22, 23)).map(lambda hours: NOW - timedelta(days=days, hours=hours))
)
properties = st.fixed_dictionaries(
    {},
    optional={
        "shoe": st.sampled_from([Decimal(text) for text in ("0", "0.1", "0.3", "41.99", "-1", "999999999.999999")]),
        "town": st.sampled_from(["", "   ", *WORDS]) | texts(),
        "born": st.sampled_from(
            [date(2024, 2, 29), date(1999, 3, 29), date(1980, 4, 5), date(1990, 12, 31), date(2000, 2, 28)]
        ),
        "vip": st.booleans(),
    },
)
data = st.fixed_dictionaries(
    {},
    optional={
        "by": st.sampled_from(["human", "machine"]),
        "link": st.sampled_from(WORDS),
        "product": st.sampled_from(WORDS),
        "total": st.sampled_from(["41.99", "0", "-1", "0.3", "many", "", "1e5", "041.99"]),
        "town": st.sampled_from(WORDS),
    },
)
people = st.builds(
    oracle.Person,
    address=st.just(""),
    first_name=st.sampled_from(["", " ", *WORDS]) | texts(),
    locale=st.sampled_from(["", "fr", "fr-CA", "EN"]),
    created_at=moments,
    properties=properties,
    subscriptions=st.lists(
        st.tuples(st.sampled_from(LISTS), st.sampled_from(Subscription.Status.values), moments),
        max_size=2,
        unique_by=lambda subscription: subscription[0],
    ),
    events=st.lists(st.tuples(st.sampled_from(KINDS), moments, data), max_size=4),
)


def store(people: list[oracle.Person]) -> dict[int, oracle.Person]:
    """Write the people down as the app keeps them; by contact id."""
    lists = {key: MailingList.objects.create(public_id=key, name=key, public_name=key) for key in LISTS}
    kinds_of_property = {
        name: Property.objects.create(name=name, label=name, type=kind) for name, kind in PROPERTIES.items()
    }
    stored = {}
    for number, person in enumerate(people):
        person.address = f"p{number}@{'example.com' if number % 2 else 'example.org'}"
        contact = Contact.objects.create(
            address=person.address,
            key=person.address,
            key_hash=str(number),
            first_name=person.first_name,
            locale=person.locale,
            created_at=person.created_at,
        )
        for name, value in person.properties.items():
            ContactProperty.objects.create(
                contact=contact, property=kinds_of_property[name], **{str(PROPERTIES[name]): value}
            )
        for key, status, since in person.subscriptions:
            Subscription.objects.create(
                contact=contact,
                mailing_list=lists[key],
                status=status,
                requested_at=since,
                confirmed_at=since,
                left_at=since,
            )
        Event.objects.bulk_create(
            Event(kind=kind, source="test", dedupe_key=f"{number}:{at}:{place}", contact=contact, data=told,
                  occurred_at=at, recorded_at=at)
            for place, (kind, at, told) in enumerate(person.events)
        )  # fmt: skip
        stored[contact.pk] = person
    return stored


@pytest.fixture(autouse=True)
def _kinds():
    for name in KINDS:
        if kinds.get(name) is None:
            kinds.register(kinds.EventKind(name, name))


def asked_fields():
    """The fields that the oracle knows, with the lists and data of this test as what may be chosen."""
    kept = []
    for name, (field, _source) in answers().items():
        if name in {"contact.last_name", "contact.time_zone", "contact.is_never_asked_for_review", "segment.member"}:
            continue
        if name.startswith("event.") and name.removeprefix("event.") not in KINDS:
            continue
        if not name.startswith(("contact.", "property.", "list.", "event.", "engagement.", "cart.")):
            continue
        kept.append(field)
    return kept


def with_known_lists(rule):
    """Random rules name lists by random text; half of the time let them name one that exists."""
    if isinstance(rule, Group):
        return Group(rule.match, tuple(with_known_lists(inner) for inner in rule.rules))
    if rule.field.startswith("list."):
        chosen = LISTS[len(str(rule.value)) % 2]
        if rule.field.endswith("_at"):
            return Clause(rule.field, rule.operator, rule.value, (("list", chosen),))
        return Clause(rule.field, rule.operator, (chosen,))
    if rule.field.startswith("event.") and rule.operator != "never":
        test = Condition("total", "at_least", Decimal("0.3")) if rule.value else Condition("town", "is_not", "é")
        return Clause(rule.field, rule.operator, rule.value, tuple(sorted([*rule.options, ("where", (test,))])))
    return rule


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowd=st.lists(people, min_size=1, max_size=6), choice=st.data())
def test_the_query_and_plain_python_agree(crowd, choice):
    Event.objects.all().delete()
    for model in (Contact, MailingList, Property):
        model.objects.all().delete()
    stored = store(crowd)
    world = oracle.World(NOW, PARIS)
    for _turn in range(5):
        rule = with_known_lists(choice.draw(rules(asked_fields())))
        expected = {pk for pk, person in stored.items() if oracle.holds(rule, person, world)}
        everybody = Scope(now=NOW, zone=PARIS)
        assert set(Contact.objects.filter(compile_rule(rule, everybody)).values_list("pk", flat=True)) == expected
        some = list(stored)[::2]
        batch = Contact.objects.filter(compile_rule(rule, Scope(now=NOW, zone=PARIS, ids=some)), pk__in=some)
        assert set(batch.values_list("pk", flat=True)) == expected & set(some)


@pytest.mark.django_db
def test_a_rule_is_one_query_however_many_clauses():
    clauses = tuple(Clause("engagement.sent", "at_least", times % 5, (("within_days", times),)) for times in range(200))
    scope = Scope(now=NOW, zone=PARIS)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert list(Contact.objects.filter(compile_rule(Group("any", clauses), scope))) == []
    assert len(queries) == 1


def test_every_type_of_field_is_asked_in_the_property_test(db):
    for name, kind in PROPERTIES.items():
        Property.objects.create(name=name, label=name, type=kind)
    assert {field.type for field in asked_fields()} == set(FieldType) - {FieldType.CHOICE}
