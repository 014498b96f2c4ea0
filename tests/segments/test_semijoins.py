"""What is asked together is read together, and means the same as asked one by one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.lib import clock
from wagtail_flows.segments.membership import matching, members
from wagtail_flows.segments.models import Segment
from wagtail_flows.shop.models import Order, Shop


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with clock.moved(NOW):
        yield


@pytest.fixture
def shop(db) -> Shop:
    return Shop.objects.create(name="Shop", url="https://shop.example/")


def buyer(shop: Shop, name: str, *totals: int) -> Contact:
    contact = get_or_create_contact(f"{name}@example.org", now=NOW)
    for number, total in enumerate(totals):
        Order.objects.create(
            shop=shop, external_id=f"{name}-{number}", contact=contact, total=Decimal(total), currency="EUR",
            placed_at=NOW - timedelta(days=number + 1),
        )  # fmt: skip
    return contact


def clause(field: str, operator: str, value=None, **options):
    return {"field": field, "operator": operator, "value": value, "options": options}


def segment(match: str, *rules) -> Segment:
    return Segment(name="asked", rule={"match": match, "rules": list(rules)})


def sql(asked: Segment) -> str:
    return str(members(asked).query)


@pytest.fixture
def people(shop) -> dict[str, Contact]:
    return {
        "often": buyer(shop, "often", 10, 10, 10),
        "dear": buyer(shop, "dear", 400),
        "both": buyer(shop, "both", 100, 100, 100),
        "never": buyer(shop, "never"),
    }


def test_sums_over_the_same_orders_are_made_in_one_go(people):
    asked = segment("all", clause("order.count", "at_least", 3), clause("order.total", "at_least", "200"))
    assert set(members(asked)) == {people["both"]}
    assert sql(asked).count("GROUP BY") == 1


def test_sums_over_other_orders_are_made_apart(people):
    asked = segment("all", clause("order.count", "at_least", 3), clause("order.total", "at_most", "50", within_days=1))
    assert set(members(asked)) == {people["often"]}
    assert sql(asked).count("GROUP BY") == 2


def test_who_has_nothing_is_told_apart_from_who_has_little(people):
    """`at most 2 orders` holds without any order; the total of no order is not known."""
    asked = segment("all", clause("order.count", "at_most", 2), clause("order.total", "at_least", "0"))
    assert set(members(asked)) == {people["dear"]}


def test_alternatives_are_one_join(people):
    asked = segment(
        "any", clause("order.total", "at_least", "350"), clause("order.count", "at_least_once", within_days=3)
    )
    assert set(members(asked)) == {people["often"], people["dear"], people["both"]}
    assert sql(asked).count("EXISTS") == 1


def test_none_of_several_is_one_join_too(people):
    asked = segment("none", clause("order.total", "at_least", "350"), clause("order.count", "equals", 3))
    assert set(members(asked)) == {people["never"]}
    assert sql(asked).count("EXISTS") == 1


def test_alternatives_of_other_sorts_stay_beside_the_join(people):
    asked = segment(
        "any",
        clause("contact.address", "starts_with", "never"),
        clause("order.total", "at_least", "350"),
        clause("order.count", "equals", 3),
        clause("order.count", "never"),
    )
    assert set(members(asked)) == set(people.values())


def test_a_batch_gets_the_same_answer(people):
    asked = segment("any", clause("order.total", "at_least", "350"), clause("order.count", "equals", 3))
    ids = [contact.pk for contact in people.values()]
    assert matching(asked, ids) == {people[name].pk for name in ("often", "dear", "both")}
    assert matching(asked, [people["dear"].pk, people["never"].pk]) == {people["dear"].pk}


def test_a_batch_looks_into_a_window_contact_by_contact(people):
    """Else planners read the orders of everybody, as long as they are few."""
    asked = segment("all", clause("order.count", "at_least_once", within_days=2))
    ids = [people["often"].pk, people["never"].pk]
    with CaptureQueriesContext(connection) as queries:
        assert matching(asked, ids) == {people["often"].pk}
    assert [query["sql"].count("OFFSET 0") for query in queries] == [1]
    assert "OFFSET 0" not in sql(asked)
