"""Each recipe is a rule that can be asked, and means who its name says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from django.utils import translation

from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.segments.compiling import answers
from wagtail_flows.segments.membership import members, problems_of
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.parsing import parse
from wagtail_flows.segments.recipes import RECIPES, find
from wagtail_flows.segments.references import Named
from wagtail_flows.segments.wording import sentence
from wagtail_flows.shop.models import Order, Shop


NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


def fields():
    return {name: field for name, (field, _source) in answers().items()}


@pytest.fixture
def birthday(db):
    return Property.objects.create(name="birthday", label="Birthday", type="date")


@pytest.fixture
def person(db):
    return lambda name, days=400: get_or_create_contact(f"{name}@example.org", now=NOW - timedelta(days=days))


def who(name):
    segment = Segment(name=name, rule=find(name).rule(fields()))
    with clock.moved(NOW):
        assert problems_of(segment) == ()
        return {contact.address.partition("@")[0] for contact in members(segment)}


def happened(contact, kind, days, **data):
    at = NOW - timedelta(days=days)
    Event.objects.create(
        kind=kind, source="test", dedupe_key=f"{contact.pk}:{kind}:{days}", contact=contact, data=data,
        occurred_at=at, recorded_at=at,
    )  # fmt: skip


def ordered(contact, *days):
    shop, _made = Shop.objects.get_or_create(name="Atelier", url="https://shop.example/")
    for day in days:
        Order.objects.create(
            shop=shop, external_id=f"{contact.pk}-{day}", contact=contact, placed_at=NOW - timedelta(days=day)
        )


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_can_be_asked_and_told(birthday, recipe):
    data = recipe.rule(fields())
    rule = parse(data, fields(), Named(data))
    with translation.override("fr"):
        assert sentence(rule, fields(), Named(data))


def test_engaged_is_who_opened_or_clicked_by_hand(person):
    happened(person("opens"), "message.opened", 3, by="human")
    happened(person("clicks"), "message.clicked", 90, by="human")
    happened(person("machine"), "message.opened", 3, by="machine")
    happened(person("late"), "message.opened", 91, by="human")
    assert who("engaged") == {"opens", "clicks"}


def test_inactive_is_who_is_known_for_long_and_did_nothing(person):
    person("silent")
    person("new", days=10)
    happened(person("opens"), "message.opened", 30, by="human")
    ordered(person("buys"), 100)
    assert who("inactive") == {"silent"}


def test_orders_tell_who_never_bought_bought_once_and_often(person):
    person("never")
    ordered(person("once"), 5)
    ordered(person("often"), 5, 6, 7)
    ordered(person("long_ago"), 5, 700, 800)
    assert (who("never_bought"), who("bought_once"), who("best_customers")) == ({"never"}, {"once"}, {"often"})


def test_a_cart_is_left_until_something_is_ordered(person):
    left, bought = person("left"), person("bought")
    for contact in (left, bought):
        happened(contact, "cart.abandoned", 2)
    ordered(bought, 1)
    assert who("cart_left") == {"left"}


def test_birthdays_are_of_this_month_in_any_year(person, birthday):
    for name, born in (("march", date(1980, 3, 1)), ("april", date(1980, 4, 1))):
        ContactProperty.objects.create(contact=person(name), property=birthday, date=born)
    person("unknown")
    assert who("birthday") == {"march"}


def test_without_a_date_there_is_no_birthday_recipe(db):
    assert find("birthday").rule(fields()) is None
    assert find("birthday").needs


def test_undeliverable_is_who_bounced_or_gets_nothing_at_all(person):
    for name in ("bounced", "all", "left", "fine"):
        person(name)
    suppress("bounced@example.org", "all", "bounced")
    suppress("all@example.org", "all", "manual")
    suppress("left@example.org", "commercial", "unsubscribed")
    assert who("undeliverable") == {"bounced", "all"}
