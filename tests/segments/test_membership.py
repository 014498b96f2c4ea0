"""A segment that can't be asked has nobody, everywhere; explanations say what was seen, fit for JSON."""

import json

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wagtail_flows.contacts.models import ContactProperty, MailingList, Property
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.messages.models import Message
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments.asking import ask
from wagtail_flows.segments.membership import explain, matching, members, problems_of
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import find
from wagtail_flows.segments.rules import RuleInvalid
from wagtail_flows.shop.models import Order, OrderLine, Shop


NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def anna(db):
    return get_or_create_contact("anna@example.org", locale="fr", now=NOW)


def asks(field, operator, value=None, match="none", **options):
    """A segment that holds for everybody as long as it can be asked."""
    clause = {"field": field, "operator": operator, "options": options}
    if value is not None:
        clause["value"] = value
    return Segment.objects.create(name=field, rule={"match": match, "rules": [clause]})


def has_nobody(segment, contact):
    with pytest.raises(RuleInvalid):
        explain(segment, contact)
    return problems_of(segment) and not members(segment).exists() and matching(segment, [contact.pk]) == set()


THINGS = {
    "list": lambda: MailingList.objects.create(name="News", public_name="News"),
    "segment": lambda: Segment.objects.create(name="Other", kind="static"),
    "scenario": lambda: Scenario.objects.create(name="Welcome"),
    "shop": lambda: Shop.objects.create(name="Atelier", url="https://shop.example/"),
}
ASKED = {
    "list": lambda key: asks("list.subscribed", "in_any_of", [key]),
    "segment": lambda key: asks("segment.member", "in_any_of", [key]),
    "scenario": lambda key: asks("scenario.inside", "in_any_of", [key]),
    "shop": lambda key: asks("order.count", "at_least_once", shop=key),
}


@pytest.mark.parametrize("kind", THINGS)
def test_what_is_deleted_meanwhile_leaves_nobody_rather_than_everybody(anna, kind):
    thing = THINGS[kind]()
    segment = ASKED[kind](str(thing.public_id))
    assert matching(segment, [anna.pk]) == {anna.pk}
    thing.delete()
    assert has_nobody(segment, anna)
    assert [problem.code for problem in problems_of(segment)] == ["gone"]


def test_a_message_is_named_by_its_translation_key(anna):
    message = Message(name="Thanks", subject="Thanks")
    message.save()
    segment = asks("engagement.opened", "at_least_once", message=str(message.translation_key))
    assert matching(segment, [anna.pk]) == {anna.pk}
    assert find("message").names([str(message.translation_key)]) == {str(message.translation_key): "Thanks"}
    message.delete()
    assert has_nobody(segment, anna)


def test_a_property_deleted_or_of_another_type_leaves_nobody(anna):
    town = Property.objects.create(name="town", label="Town", type="text")
    segment = asks("property.town", "contains", "x")
    assert matching(segment, [anna.pk]) == {anna.pk}
    Property.objects.update(type="number")
    assert has_nobody(segment, anna)
    town.delete()
    assert has_nobody(segment, anna)


def test_a_product_without_orders_can_still_be_asked(anna):
    shop = THINGS["shop"]()
    order = Order.objects.create(shop=shop, external_id="1", contact=anna, placed_at=NOW)
    OrderLine.objects.create(order=order, external_id="1", product_id="P1", product_name="Juice", category="juices")
    segment = asks("order.product", "in_any_of", ["P1", "P2"], match="all")
    assert matching(segment, [anna.pk]) == {anna.pk}
    assert find("product").names(["P1", "P2"]) == {"P1": "Juice", "P2": "P2"}
    assert find("category").names(["juices"]) == {"juices": "juices"}
    order.delete()
    assert problems_of(segment) == ()
    assert matching(segment, [anna.pk]) == set()


@pytest.mark.parametrize("rule", [None, [], "x", 7, {}, {"match": "all"}, [[[]]]], ids=repr)
def test_whatever_stands_in_the_row_never_raises_and_never_means_everybody(anna, rule):
    segment = Segment(name="x", rule=rule)
    assert has_nobody(segment, anna)


def test_inside_another_segment_a_broken_one_leaves_nobody_too(anna):
    broken = Segment.objects.create(name="Broken", rule={})
    for match in ("all", "any", "none"):
        outer = asks("segment.member", "in_any_of", [str(broken.public_id)], match=match)
        assert has_nobody(outer, anna)
        assert [problem.code for problem in problems_of(outer)] == ["segment_broken"]


def test_an_explanation_is_fit_for_json(anna):
    size = Property.objects.create(name="size", label="Size", type="number")
    ContactProperty.objects.create(contact=anna, property=size, number=Decimal("41.5"))
    rule = {
        "match": "any",
        "rules": [
            {"field": "property.size", "operator": "at_least", "value": "42"},
            {"match": "all", "rules": [{"field": "contact.created_at", "operator": "on", "value": "2026-03-29"}]},
        ],
    }
    told = json.loads(json.dumps(explain(Segment(name="x", rule=rule), anna).as_json()))
    size_told, group = told["parts"]
    assert (told["held"], size_told["held"], Decimal(size_told["seen"])) == (True, False, Decimal("41.5"))
    assert group["parts"][0]["seen"].startswith("2026-03-29T12:00:00")


def test_what_is_wrong_inside_another_segment_stands_at_the_clause_that_asks_it(anna):
    broken = Segment.objects.create(name="Broken", rule={"match": "all", "rules": [{"field": "property.gone"}]})
    french = {"field": "contact.locale", "operator": "is", "value": "fr"}
    asks_it = {"field": "segment.member", "operator": "in_none_of", "value": [str(broken.public_id)]}
    rule = {"match": "all", "rules": [french, {"match": "any", "rules": [french, asks_it]}]}
    outer = Segment.objects.create(name="Outer", rule=rule)
    for problems in (problems_of(outer), ask(rule, with_people=False).problems):
        assert [(problem.step, problem.field, problem.code) for problem in problems] == [
            ("1.1", "value", "segment_broken")
        ]
    broken.rule = {"match": "all", "rules": [{**asks_it, "value": [str(outer.public_id)]}]}
    broken.save()
    assert [(problem.step, problem.code) for problem in problems_of(outer)] == [("1.1", "circle")]
