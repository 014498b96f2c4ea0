"""The demo shop speaks as a Saleor does: what its buttons tell is verified, applied and recorded."""

import pytest

from django.core.management import call_command
from django.urls import clear_url_caches

from example_site.shop_demo import orders, signing
from wagtail_flows.lib import clock
from wagtail_flows.models import Event, Order, ReceivedWebhook, Shop
from wagtail_flows.shop import applying


CHECKOUT = {"product": "rye-loaf", "first_name": "Zoé", "address": "zoe@example.org", "language": "fr"}


@pytest.fixture
def demo(wagtail_site, settings, tmp_path, live_server):
    settings.DATA_DIR, settings.DEMO_SHOP, settings.WAGTAILADMIN_BASE_URL = tmp_path, "Atelier", live_server.url
    settings.PORT, settings.ROOT_URLCONF, settings.DEBUG = 8000, "example_site.urls", True
    clear_url_caches()
    signing.key.cache_clear()
    call_command("seed_example")
    return Shop.objects.get()


def applied_events():
    applying.apply_waiting(clock.now(), None)
    return set(Event.objects.filter(kind__startswith="order.").values_list("kind", flat=True))


@pytest.mark.django_db(transaction=True)
def test_three_buttons_tell_an_orders_life(demo, client):
    assert client.post("/shop/order/", CHECKOUT).status_code == 302
    assert applied_events() == {"order.placed", "order.paid"}
    assert client.post("/shop/orders/1001/ship/").status_code == 302
    assert applied_events() == {"order.placed", "order.paid", "order.shipped"}
    assert client.post("/shop/orders/1001/deliver/").status_code == 302
    assert applied_events() == {"order.placed", "order.paid", "order.shipped", "order.delivered"}
    assert set(ReceivedWebhook.objects.values_list("status", "signature")) == {("applied", "jws")}
    order = Order.objects.get()
    assert (order.number, order.locale) == ("1001", "fr")
    assert order.lines.get().product_name == "Miche de seigle"


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_tells_nothing_new(demo, client):
    client.post("/shop/order/", CHECKOUT)
    for _ in range(2):
        client.post("/shop/orders/1001/ship/")
        client.post("/shop/orders/1001/deliver/")
    assert len(applied_events()) == 4
    assert orders.state(orders.find(1001)) == "delivered"
    assert Event.objects.filter(kind="order.delivered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_its_keys_are_published_where_a_saleor_publishes_them(demo, client):
    assert client.get("/.well-known/jwks.json").json() == demo.jwks
    assert "d" not in demo.jwks["keys"][0]


@pytest.mark.django_db(transaction=True)
def test_a_wrong_address_is_said_and_nothing_is_ordered(demo, client):
    answer = client.post("/shop/order/", {**CHECKOUT, "address": "nobody"})
    assert "valid email" in answer.content.decode()
    assert orders.newest_first() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/shop/", "/shop/order/", "/shop/orders/1001/ship/", "/shop/review/rye-loaf/"])
def test_nobody_else_may_press_its_buttons(demo, client, path):
    ask = client.get if path in ("/shop/", "/shop/review/rye-loaf/") else client.post
    assert ask(path, REMOTE_ADDR="192.0.2.7").status_code == 404
