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
from tests.segments.strategies import KEYS, WORDS, clauses, rules, texts, told
from wagtail_flows.contacts.models import Contact, ContactProperty, MailingList, Property, Subscription, Suppression
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.events import kinds
from wagtail_flows.events.models import Event
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion
from wagtail_flows.segments.compiling import Scope, answers, compile_rule
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause, Group, dump
from wagtail_flows.segments.static import add_members
from wagtail_flows.shop.models import Order, OrderLine, Shop


PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
LISTS = tuple(str(uuid.UUID(int=number)) for number in (1, 2))
SHOPS, SCENARIOS = (tuple(str(uuid.UUID(int=10 * room + number)) for number in (1, 2)) for room in (1, 2))
BY_HAND, BY_RULE = (str(uuid.UUID(int=number)) for number in (31, 32))
PRODUCTS, CATEGORIES = ("UHJvZHVjdDox", "juice-1"), ("juices", "jus d’été")
FRENCH = Group("all", (Clause("contact.locale", "is", "fr"),))
KINDS = ("message.sent", "message.opened", "message.clicked", "cart.updated", "page.viewed", "order.placed")
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
full_data = st.fixed_dictionaries({key: told() for key in KEYS})
data = st.fixed_dictionaries({}, optional={key: told() for key in KEYS})
totals = st.none() | st.sampled_from([Decimal(text) for text in ("0", "0.1", "0.2", "0.3", "41.99", "123456.654321")])
orders = st.builds(
    oracle.Bought,
    at=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("placed", "paid", "delivered", "cancelled", "refunded"), moments)
    ),
    total=totals,
    currency=st.sampled_from(["EUR", "USD"]),
    shop=st.sampled_from(SHOPS),
    lines=st.lists(st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(CATEGORIES), st.booleans()), max_size=2),
)
enrollments = st.tuples(
    st.sampled_from(SCENARIOS), st.sampled_from(["active", "ended", "parked"]), st.sampled_from(["", "goal"]), moments
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
    suppressions=st.lists(
        st.tuples(st.sampled_from(["commercial", "all"]), st.sampled_from(["bounced", "manual"])),
        max_size=2,
        unique_by=lambda suppression: suppression[0],
    ),
    orders=st.lists(orders, max_size=3),
    enrollments=st.lists(enrollments, max_size=2),
    put_into=st.sets(st.just(BY_HAND)),
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
        store_events(contact, person)
        store_suppressions(contact, person)
        store_orders(contact, person)
        store_enrollments(contact, person)
        if person.put_into:
            add_members(Segment.objects.get(public_id=BY_HAND), [contact.pk])
        stored[contact.pk] = person
    return stored


def store_events(contact, person):
    Event.objects.bulk_create(
        Event(kind=kind, source="test", dedupe_key=f"{contact.pk}:{at}:{place}", contact=contact, data=said,
              occurred_at=at, recorded_at=at)
        for place, (kind, at, said) in enumerate(person.events)
    )  # fmt: skip


def store_suppressions(contact, person):
    Suppression.objects.bulk_create(
        Suppression(key_hash=contact.key_hash, scope=scope, reason=reason, created_at=NOW)
        for scope, reason in person.suppressions
    )


def store_orders(contact, person):
    for number, bought in enumerate(person.orders):
        order = Order.objects.create(
            shop=Shop.objects.get(public_id=bought.shop),
            external_id=f"{contact.pk}-{number}",
            contact=contact,
            total=bought.total,
            currency=bought.currency,
            **{f"{status}_at": at for status, at in bought.at.items()},
        )
        OrderLine.objects.bulk_create(
            OrderLine(order=order, external_id=str(place), product_id=product, category=category, is_removed=is_removed)
            for place, (product, category, is_removed) in enumerate(bought.lines)
        )


def store_enrollments(contact, person):
    for number, (key, status, reason, at) in enumerate(person.enrollments):
        version = ScenarioVersion.objects.get(scenario__public_id=key)
        Enrollment.objects.create(
            scenario=version.scenario, version=version, contact=contact, entry_key=str(number), subject=str(number),
            status=status, exit_reason=reason, step="x", entered_at=at, step_entered_at=at,
        )  # fmt: skip


def store_things():
    """What rules can refer to."""
    for key in SHOPS:
        Shop.objects.create(public_id=key, name=key, url="https://shop.example/")
    for key in SCENARIOS:
        scenario = Scenario.objects.create(public_id=key, name=key)
        ScenarioVersion.objects.create(
            scenario=scenario, number=1, graph={}, published_at=NOW, starts_with_events_after=NOW
        )
    Segment.objects.create(public_id=BY_HAND, name="by hand", kind="static")
    Segment.objects.create(public_id=BY_RULE, name="by rule", rule=dump(FRENCH))


@pytest.fixture(autouse=True)
def _kinds():
    for name in KINDS:
        if kinds.get(name) is None:
            kinds.register(kinds.EventKind(name, name))


ROOMS = (
    "contact.", "property.", "list.", "event.", "engagement.", "cart.", "page.", "order.", "scenario.", "segment.",
)  # fmt: skip


ABOUT_DATA = ("event.order.placed", "event.cart.updated", "engagement.clicked", "cart.updated", "page.viewed")


def asked_fields():
    """The fields that the oracle knows, with the lists and data of this test as what may be chosen."""
    kept = []
    for name, (field, _source) in answers().items():
        if name in {"contact.last_name", "contact.time_zone", "contact.is_never_asked_for_review"}:
            continue
        if name.startswith("event.") and name.removeprefix("event.") not in KINDS:
            continue
        if not name.startswith(ROOMS):
            continue
        kept.append(field)
    return kept


KNOWN = {
    "order.product": PRODUCTS,
    "order.category": CATEGORIES,
    "scenario.inside": SCENARIOS,
    "scenario.entered": SCENARIOS,
    "scenario.goal": SCENARIOS,
    "segment.member": (BY_HAND, BY_RULE),
}


def with_known_things(rule):
    """Random rules name things by random text; let them name some that exist."""
    if isinstance(rule, Group):
        return Group(rule.match, tuple(with_known_things(inner) for inner in rule.rules))
    turn = len(str(rule.value)) % 2
    if rule.field.startswith("order."):
        known = {"currency": ("eur ", "USD")[turn], "shop": SHOPS[turn]}
        options = [(name, known.get(name, value)) for name, value in rule.options]
        if turn and rule.field != "order.delivered_at":
            options = sorted({**dict(options), "shop": SHOPS[len(options) % 2]}.items())
        rule = Clause(rule.field, rule.operator, rule.value, tuple(options))
    if rule.field in KNOWN:
        return Clause(rule.field, rule.operator, (KNOWN[rule.field][turn],), rule.options)
    if rule.field.startswith("list."):
        chosen = LISTS[len(str(rule.value)) % 2]
        if rule.field.endswith("_at"):
            return Clause(rule.field, rule.operator, rule.value, (("list", chosen),))
        return Clause(rule.field, rule.operator, (chosen,))
    return rule


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowd=st.lists(people, min_size=1, max_size=6), choice=st.data())
def test_the_query_and_plain_python_agree(crowd, choice):
    Event.objects.all().delete()
    Enrollment.objects.all().delete()
    ScenarioVersion.objects.all().delete()
    for model in (Order, Shop, Scenario, Segment, Suppression, Contact, MailingList, Property):
        model.objects.all().delete()
    store_things()
    stored = store(crowd)
    world = oracle.World(NOW, PARIS, {BY_RULE: FRENCH})
    for _turn in range(5):
        rule = with_known_things(choice.draw(rules(asked_fields())))
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


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowd=st.lists(st.lists(data | full_data, max_size=3), min_size=4, max_size=8), choice=st.data())
def test_the_query_and_plain_python_agree_about_the_data_of_events(crowd, choice):
    Contact.objects.all().delete()
    people = [
        oracle.Person("", created_at=NOW, events=[(kind, NOW, said) for said in told_of for kind in KINDS])
        for told_of in crowd
    ]
    stored = {}
    for number, person in enumerate(people):
        contact = Contact.objects.create(
            address=f"{number}@x.fr", key=f"{number}", key_hash=f"{number}", created_at=NOW
        )
        store_events(contact, person)
        stored[contact.pk] = person
    world, scope = oracle.World(NOW, PARIS), Scope(now=NOW, zone=PARIS)
    for _turn in range(10):
        rule = choice.draw(clauses([field for field in asked_fields() if field.name.startswith(ABOUT_DATA)]))
        expected = {pk for pk, person in stored.items() if oracle.holds(rule, person, world)}
        found = Contact.objects.filter(compile_rule(Group("all", (rule,)), scope))
        assert set(found.values_list("pk", flat=True)) == expected
