"""What events tell of themselves decides who comes in: the products of an order, the form of a subscription."""

from __future__ import annotations

import pytest

from tests.drawing import scenario
from tests.shop.bodies import apply, event, line, order
from tests.shop.conftest import shop  # noqa: F401  (fixture)
from wagtail_flows.contacts.subscriptions import confirm, subscribe, unsubscribe
from wagtail_flows.contacts.transitions import Evidence
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.shop.order_events import MOST_PRODUCTS


pytestmark = pytest.mark.django_db
BY_FORM = Evidence(wording="Yes, send me the news", source="form", page_id=5)
BY_ADMIN = Evidence(wording="She asked on the phone", source="admin")
BY_LINK = Evidence(wording="Confirm", source="link")


def published(story, kind: str, *where: tuple[str, str, object]):
    tests = [{"name": name, "operator": operator, "value": value} for name, operator, value in where]
    trigger = {"id": "start", "kind": "event", "event": kind, "where": tests, "reentry": "once_per_subject"}
    return story.publish_graph({**scenario("placed > wait 1d > send thanks"), "triggers": [trigger]})


def came_in(made) -> list[str]:
    return sorted(made.enrollments.values_list("contact__address", flat=True))


def placed(story, shop, name: str, *products: str, **told) -> None:  # noqa: F811
    """An order of these products by somebody of this name."""
    one = order(id=f"order-{name}", userEmail=f"{name}@example.org", lines=[line(product, 1) for product in products])
    with clock.moved(story.now):
        apply(shop, event("OrderCreated", 1, one | told))
    story.run()


def test_an_order_with_the_product_starts_and_another_does_not(story, shop):  # noqa: F811
    made = published(story, "order.placed", ("products", "contains", "product-tea"))
    placed(story, shop, "anna", "cup", "tea")
    placed(story, shop, "bob", "cup", "teapot")
    assert came_in(made) == ["anna@example.org"]


def test_the_products_of_an_order_are_told_once_each_in_their_order_and_not_without_end(story, shop):  # noqa: F811
    again, unknown = {**line("tea", 3), "id": "line-again"}, {**line("gift", 1), "variant": None}
    placed(story, shop, "anna", lines=[line("tea", 1), line("cup", 2), again, unknown])
    placed(story, shop, "bob", *(f"p{number}" for number in range(MOST_PRODUCTS + 5)))
    few, many = (one.data["products"] for one in Event.objects.filter(kind="order.placed").order_by("id"))
    assert few == ["product-tea", "product-cup"]
    assert many == [f"product-p{number}" for number in range(MOST_PRODUCTS)]


def test_what_an_order_is_changed_to_corrects_its_products_and_starts_nobody_again(story, shop):  # noqa: F811
    made = published(story, "order.placed", ("products", "contains", "product-tea"))
    placed(story, shop, "anna", "tea")
    changed = order(id="order-anna", userEmail="anna@example.org", lines=[line("cup", 1)])
    with clock.moved(story.now):
        apply(shop, event("OrderUpdated", 2, changed))
    story.run()
    assert Event.objects.get().data["products"] == ["product-cup"]
    assert made.enrollments.count() == 1


def test_a_subscription_by_the_form_of_a_page_starts_and_one_by_the_admin_does_not(story, club):
    by_page = published(story, "list.subscribed", ("page", "is", "5"))
    by_admin = published(story, "list.subscribed", ("source", "is", "admin"))
    for name, evidence in (("anna", BY_FORM), ("bob", BY_ADMIN)):
        # It is confirmed by a link either way: what brought them is the wish.
        with clock.moved(story.now):
            asked = subscribe(story.contact(name), club, evidence=evidence, is_invited=evidence is BY_ADMIN)
            confirm(asked, 1, evidence=BY_LINK)
    story.run()
    assert (came_in(by_page), came_in(by_admin)) == (["anna@example.org"], ["bob@example.org"])


def test_leaving_tells_how_it_was_done(story, club):
    by_admin = published(story, "list.unsubscribed", ("source", "is", "admin"))
    for name, evidence in (("anna", BY_LINK), ("bob", BY_ADMIN)):
        with clock.moved(story.now):
            confirm(subscribe(story.contact(name), club, evidence=BY_FORM), 1, evidence=BY_LINK)
            unsubscribe(story.contact(name), club, evidence=evidence)
    story.run()
    assert came_in(by_admin) == ["bob@example.org"]
