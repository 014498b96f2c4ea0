"""What runners ask again and again: as many questions for many people as for few, and each by an index."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.shop.bodies import event, order, parcel
from tests.tasks.ballast import fill_all
from tests.tasks.plans import asked, scanned
from wagtail_flows.engine import advancing, enrolling
from wagtail_flows.lib import attention, clock, pruning
from wagtail_flows.messages import deliver
from wagtail_flows.messages.models import Delivery
from wagtail_flows.segments.models import Segment
from wagtail_flows.shop import applying
from wagtail_flows.shop.models import Order, ReceivedWebhook, Shop
from wagtail_flows.tasks import next_due, phases


pytestmark = pytest.mark.django_db(transaction=True)

PATH = "placed > send thanks > wait 1d > send more > wait 30d ! cancelled"


def place(story: Any, names: range) -> None:
    for number in names:
        story.happens("order.placed", story.contact(f"person{number}"), f"order:new{number}")


def apply_one(shop: Shop, number: int) -> None:
    """A webhook about a new order of somebody new, which is stored and waits to be applied."""
    told = order(
        "FULFILLED", id=f"order-{number}", userEmail=f"buyer{number}@example.org", fulfillments=[parcel(number)]
    )
    ReceivedWebhook.objects.create(
        shop=shop,
        event="order_updated",
        digest=f"new{number}",
        size=2,
        body=event("OrderUpdated", number, told),
        received_at=clock.now(),
        due_at=clock.now(),
    )


@pytest.mark.parametrize("phase", ["match", "advance"])
def test_a_batch_asks_as_much_for_many_as_for_few(story, phase):
    story.publish(PATH)

    def batch(names: range) -> int:
        place(story, names)
        with clock.moved(story.now):
            matching = asked(lambda: enrolling.match_events(story.now))
            moving = asked(lambda: advancing.advance(story.now))
        return len(matching if phase == "match" else moving)

    batch(range(2))
    few, many = batch(range(10, 13)), batch(range(100, 130))
    assert few == many


def test_a_batch_of_mails_asks_as_much_for_each_however_many_there_are(story, smtp_sink):
    story.publish("placed > send thanks > wait 30d")
    deliver_all = lambda: deliver.deliver(story.now)  # noqa: E731

    def mails(names: range) -> int:
        place(story, names)
        story.run()
        return len(asked(deliver_all))

    mails(range(2))
    two, four, eight = mails(range(10, 12)), mails(range(20, 24)), mails(range(30, 38))
    assert Delivery.objects.filter(status="sent").count() == 16
    assert eight - four == 2 * (four - two)


def test_each_webhook_asks_the_same(story):
    shop = Shop.objects.create(name="Atelier", url="https://shop.example/")

    def webhooks(names: range) -> int:
        for number in names:
            apply_one(shop, number)
        return len(asked(lambda: applying.apply_waiting(clock.now(), None)))

    webhooks(range(1))
    two, four, eight = webhooks(range(10, 12)), webhooks(range(20, 24)), webhooks(range(30, 38))
    assert eight - four == 2 * (four - two)


@pytest.mark.postgres
def test_no_hot_query_reads_a_large_table_from_end_to_end(story, settings, smtp_sink):
    settings.FLOWS_KEEP_VISITS_DAYS = settings.FLOWS_KEEP_DELIVERIES_DAYS = 365
    scenario = story.publish(PATH)
    story.publish("placed > await paid 2d > send thanks > exit done 30d ! cancelled")
    fill_all(scenario)
    # Counting all that are in a segment, once a day, reads them all; see `test_hot_plans`.
    Segment.objects.update(counted_at=story.now + timedelta(days=365))
    shop = Shop.objects.create(name="Atelier", url="https://shop.example/", transit_days=3)
    with clock.moved(story.now):
        apply_one(shop, 1)
    place(story, range(20))
    statements: list[str] = []
    for later in (timedelta(0), timedelta(minutes=1), timedelta(days=1, minutes=1), timedelta(days=2)):
        now = story.now + later
        with clock.moved(now):
            statements += asked(lambda: [phase.work(clock.now(), None) for phase in phases()])
            statements += asked(lambda: next_due(clock.now()))
        story.happens("order.cancelled", story.contact("person3"), "order:new3")
    statements += asked(lambda: attention.findings(story.now))
    statements += asked(lambda: pruning.prune_some(story.now + timedelta(days=3)))
    assert Delivery.objects.filter(status="sent", context__subject__startswith="order:new").count() >= 20
    assert Order.objects.filter(shop=shop).exists()
    assert len(set(statements)) > 100
    assert scanned(statements) == {}
    # The question itself finds what it looks for.
    assert scanned(asked(lambda: list(Delivery.objects.filter(provider_id="unheard of"))))
