"""Addresses typed in by a shop's owner, and what e-mails say about an order."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from django.core.exceptions import ValidationError

from tests.shop.bodies import apply, event, line, order, parcel
from tests.shop.recordings import life_of_order_21
from tests.shop.test_applying import told
from wagtail_flows.messages import context
from wagtail_flows.shop.addresses import review_url, review_url_problem
from wagtail_flows.shop.message_context import NAMES, load_orders
from wagtail_flows.shop.models import Order, Shop
from wagtail_flows.shop.money import money


@pytest.mark.parametrize(
    "url",
    ["", "shop.example", "ftp://shop.example/", "https://", "https://user:pw@shop.example/", "https://shop.example/?a=b",
     "https://shop.example/#x", "https://shop.example:port/", "javascript:alert(1)", "http://shop.example/"],
)  # fmt: skip
def test_a_shop_needs_an_address_that_can_be_asked(url):
    with pytest.raises(ValidationError) as caught:
        Shop(name="Shop", url=url).clean()
    assert "url" in caught.value.message_dict


def test_a_plain_http_shop_is_for_development_only(settings):
    shop = Shop(name="Shop", url="http://127.0.0.1:8000/")
    with pytest.raises(ValidationError):
        shop.clean()
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = True
    shop.clean()


@pytest.mark.parametrize(
    "template",
    ["https://s.example/{product}", "https://s.example/{", "https://s.example/{}", "https://{product_slug}/",
     "/x/{sku}",
     "javascript:alert('{sku}')", "https://s.example/{sku.__class__}", "https://s.example/{{sku}}"],
)  # fmt: skip
def test_a_review_address_with_a_wrong_placeholder_is_refused(template):
    with pytest.raises(ValidationError) as caught:
        Shop(name="Shop", url="https://s.example/", review_url=template).clean()
    assert "review_url" in caught.value.message_dict
    assert review_url(template, {"sku": "1", "product_slug": "a"}) == ""


def test_a_review_address_is_filled_in_and_quoted():
    template = "https://s.example/{product_slug}/review?order={order_number}&id={product_id}"
    assert review_url_problem(template) is None
    told_values = {"product_slug": "a b/../c", "order_number": "1&x=2", "product_id": "UHJ=="}
    assert review_url(template, told_values) == "https://s.example/a%20b%2F..%2Fc/review?order=1%26x%3D2&id=UHJ%3D%3D"
    assert review_url(template, told_values | {"product_slug": ""}) == ""
    assert review_url("", told_values) == ""


def test_what_an_email_may_say_about_order_21(shop):
    shop.review_url = "https://s.example/{product_slug}?order={order_number}"
    shop.save()
    told(shop, life_of_order_21("sub-jws"))
    found = Order.objects.get()
    loaded = load_orders([found.subject, f"order:{uuid4()}", "order:nonsense", "list:x"])
    assert set(loaded) == {found.subject}
    said = loaded[found.subject]
    assert set(said) <= NAMES | {"site"}
    assert (said["number"], str(said["total"]), said["currency"], said["tracking"], said["locale"]) == (
        "21", "41.99", "USD", "1Z999AA10123456784", "pl",
    )  # fmt: skip
    assert said["placed_at"] == datetime(2026, 11, 21, 17, 18, 47, 373000, UTC)
    assert said["shop"] == {"name": "Shop", "url": "https://shop.example/"}
    assert said["lines"][1] == {
        "name": "Monospace Tee",
        "variant": "S",
        "quantity": 2,
        "image_url": "http://127.0.0.1:18000/thumbnail/UHJvZHVjdE1lZGlhOjE3/256/",
        "sku": "328223580",
        "price": Decimal("20.00"),
        "review_url": "https://s.example/ascii-tee?order=21",
    }


def test_messages_ask_the_shop_for_their_order(shop):
    found = apply(shop, event("OrderCreated", 1, order()))
    assert context.load([found.subject])[found.subject]["number"] == "1"


def test_removed_lines_and_cancelled_parcels_are_not_in_an_email(shop):
    parcels = [parcel(1, "CANCELED", trackingNumber="old"), parcel(2, trackingNumber="new", minutes=5)]
    apply(shop, event("OrderCreated", 1, order(lines=[line("tea", 2), line("cup", 1)])))
    found = apply(shop, event("OrderUpdated", 20, order(fulfillments=parcels)))
    said = load_orders([found.subject])[found.subject]
    assert ([one["name"] for one in said["lines"]], said["tracking"]) == (["tea"], "new")


def test_loading_many_orders_takes_as_many_queries_as_one(shop, django_assert_num_queries):
    for number in range(4):
        apply(shop, event("OrderCreated", 1, order(id=f"order-{number}", fulfillments=[parcel(number)])))
    subjects = [one.subject for one in Order.objects.all()]
    with django_assert_num_queries(3):
        assert len(load_orders(subjects)) == 4


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [("41.9900", "USD", "41.99"), ("1200.0000", "JPY", "1200"), ("1.2500", "KWD", "1.25"), ("1.2345", "EUR", "1.2345"),
     ("0.0000", "EUR", "0.00"), ("20", "", "20.00"), ("100", "EUR", "100.00")],
)  # fmt: skip
def test_amounts_have_the_places_of_their_currency(amount, currency, written):
    assert str(money(Decimal(amount), currency)) == written
