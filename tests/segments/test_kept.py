"""The SQL of a rule is kept: what it says of the next batch is what it would say if it were made anew."""

from datetime import UTC, datetime, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from wagtail_flows.contacts.models import Contact, ContactProperty, MailingList, Property, Subscription
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.segments import compiling
from wagtail_flows.segments.fields import Field
from wagtail_flows.segments.membership import matching, members
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.semijoins import has_row
from wagtail_flows.shop.models import Order, Shop


NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def people(db):
    with clock.moved(NOW):
        return [get_or_create_contact(f"p{number}@example.org", locale="fr", now=NOW) for number in range(6)]


def asks(*rules, match="all"):
    return Segment(name="Asked", rule={"match": match, "rules": list(rules)})


def asked(segment, *batches):
    return [matching(segment, [one.pk for one in batch]) for batch in batches]


def pks(*people):
    return {one.pk for one in people}


@pytest.fixture
def world(people):
    """Everybody differs in something that some rule asks."""
    town = Property.objects.create(name="town", label="Town", type="text")
    news = MailingList.objects.create(name="News", public_name="News")
    shop = Shop.objects.create(name="Atelier", url="https://shop.example/")
    for number, one in enumerate(people):
        if number % 2:
            ContactProperty.objects.create(contact=one, property=town, text="Lyon", text_folded="lyon")
        if number % 3:
            Subscription.objects.create(
                contact=one, mailing_list=news, status="subscribed", requested_at=NOW, confirmed_at=NOW
            )
        for order in range(number):
            placed = NOW - timedelta(days=order)
            Order.objects.create(
                shop=shop, external_id=f"{number}.{order}", contact=one, placed_at=placed, total=50, currency="EUR"
            )
        if number > 3:
            Event.objects.create(
                kind="page.viewed", source="site", dedupe_key=str(one.pk), contact=one, occurred_at=NOW, recorded_at=NOW
            )
    return news


RULES = {
    "contact": lambda _list: {"field": "contact.address", "operator": "starts_with", "value": "p3"},
    "property": lambda _list: {"field": "property.town", "operator": "is_not", "value": "Lyon"},
    "list": lambda key: {"field": "list.subscribed", "operator": "in_none_of", "value": [key]},
    "list since": lambda key: {
        "field": "list.subscribed_at", "operator": "in_last_days", "value": 1, "options": {"list": key}
    },
    "count": lambda _list: {"field": "order.count", "operator": "at_most", "value": 2},
    "count of days": lambda _list: {
        "field": "order.count", "operator": "at_least", "value": 2, "options": {"within_days": 1}
    },
    "total": lambda _list: {"field": "order.total", "operator": "at_least", "value": "100"},
    "average": lambda _list: {"field": "order.average", "operator": "between", "value": ["40", "60"]},
    "viewed": lambda _list: {"field": "page.viewed", "operator": "never", "options": {"within_days": 7}},
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_each_batch_and_each_day_has_its_own_answer(world, people, name):
    segment = asks(RULES[name](str(world.public_id)))
    for now in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1), NOW + timedelta(days=30)):
        with clock.moved(now):
            everybody = set(members(segment).values_list("pk", flat=True))
            batches = people, people[:1], people[1:4], people[4:], []
            assert asked(segment, *batches) == [everybody & pks(*batch) for batch in batches]


def test_from_the_second_batch_on_only_what_the_rule_names_is_looked_up(world, people):
    segment = asks(RULES["list"](str(world.public_id)), RULES["property"](""), RULES["count"](""))
    first = matching(segment, [one.pk for one in people])
    with CaptureQueriesContext(connection) as queries:
        assert matching(segment, [one.pk for one in people]) == first
    assert len(queries) == 3


def test_a_property_made_anew_under_its_old_name_is_the_one_asked(world, people):
    segment = asks({"field": "property.town", "operator": "is_set"})
    assert asked(segment, people) == [pks(*people[1::2])]
    Property.objects.all().delete()
    assert asked(segment, people) == [set()]
    new = Property.objects.create(name="town", label="Town", type="number")
    ContactProperty.objects.create(contact=people[0], property=new, number=3)
    assert asked(segment, people) == [pks(people[0])]


def test_a_list_that_was_deleted_leaves_nobody_and_restored_it_is_asked_again(world, people):
    segment = asks(RULES["list"](str(world.public_id)))
    assert asked(segment, people) == [pks(*people[::3])]
    public_id = world.public_id
    world.delete()
    assert asked(segment, people) == [set()]
    # As a copy of the database brought back would be: the same list under another number.
    again = MailingList.objects.create(public_id=public_id, name="News", public_name="News")
    Subscription.objects.create(
        contact=people[5], mailing_list=again, status="subscribed", requested_at=NOW, confirmed_at=NOW
    )
    assert asked(segment, people) == [pks(*people[:5])]


def test_a_segment_inside_may_change_between_two_batches(people):
    inner = Segment.objects.create(name="Inner", rule={"match": "all", "rules": []})
    outer = asks({"field": "segment.member", "operator": "in_any_of", "value": [str(inner.public_id)]})
    assert asked(outer, people) == [pks(*people)]
    Segment.objects.update(rule={"match": "any", "rules": []})
    assert asked(outer, people) == [set()]


def test_what_another_package_asks_is_asked_anew_each_time(people, monkeypatch):
    class Fickle:
        wanted = people[0]

        def fields(self):
            return [Field("acme.lucky", "lucky", "Acme", FieldType.BOOLEAN)]

        def q(self, _clause, _scope):
            return has_row(Subscription.objects.filter(contact_id=self.wanted.pk))

    source = Fickle()
    monkeypatch.setattr(compiling, "_sources", [("", source)])
    news = MailingList.objects.create(name="News", public_name="News")
    for one in people[:2]:
        Subscription.objects.create(contact=one, mailing_list=news, status="added", requested_at=NOW)
    segment = asks({"field": "acme.lucky", "operator": "is_true"})
    assert asked(segment, people) == [pks(people[0])]
    source.wanted = people[1]
    assert asked(segment, people) == [pks(people[1])]


def test_a_text_that_looks_like_the_ids_of_a_batch_is_not_taken_for_them(people):
    only = people[0]
    for told in (f"{{{only.pk}}}", f"[{only.pk}]", "{0}", "[0]"):
        Contact.objects.filter(pk=only.pk).update(first_name=told, first_name_folded=told)
        segment = asks({"field": "contact.first_name", "operator": "is", "value": told})
        assert asked(segment, [only], people, people[1:]) == [pks(only), pks(only), set()]
