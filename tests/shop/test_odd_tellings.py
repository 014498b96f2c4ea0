"""What a shop can tell that is odd: more than a column holds, an order that becomes somebody else's, an odd one due."""

from datetime import timedelta

import pytest

from tests.messages.deliveries import a_message
from tests.shop.bodies import START, apply, event, line, order, parcel
from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages import gates as all_gates
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.queueing import NewDelivery, queue
from wagtail_flows.shop import estimates, gates
from wagtail_flows.shop.models import Fulfilment, Order


def test_counts_that_no_column_holds_are_cut(shop):
    most = 2**31 - 1
    lines = [{**line("tea", most), "quantityFulfilled": None}]
    parcels = [parcel(number, holds={"tea": most}) for number in (1, 2)]
    found = apply(shop, event("OrderUpdated", 1, order("FULFILLED", lines=lines, fulfillments=parcels)))
    assert found.lines.get().quantity_settled == most


@pytest.mark.parametrize(("address", "verdict"), [("new@example.org", Skip(gates.ORDER_OF_ANOTHER)), (None, None)])
def test_who_no_longer_owns_the_order_is_not_written_to_about_it(shop, address, verdict):
    found = apply(shop, event("OrderUpdated", 1, order(userEmail="old@example.org")))
    first = Contact.objects.get()
    (delivery,) = queue([NewDelivery(first.pk, a_message().translation_key, context={"subject": found.subject})])
    apply(shop, event("OrderUpdated", 2, order(userEmail=address)))
    assert all_gates.verdicts([delivery]).get(delivery.pk) == verdict


@pytest.mark.parametrize(
    ("status", "subject", "is_stopped"),
    [
        (None, "", True),
        (None, "list:1", True),
        (None, "booking:1", False),
        ("UNFULFILLED", "", False),
        ("CANCELED", "", True),
        ("DRAFT", "", True),
    ],
)
def test_only_who_has_bought_something_is_written_to_as_a_customer(shop, status, subject, is_stopped):
    contact = get_or_create_contact("guest@example.org", now=START)
    if status:
        apply(shop, event("OrderUpdated", 1, order(status)))
    (delivery,) = queue([NewDelivery(contact.pk, a_message().translation_key, context={"subject": subject})])
    assert all_gates.verdicts([delivery]).get(delivery.pk) == (Skip(gates.NO_CUSTOMER) if is_stopped else None)


def test_without_a_shop_the_message_says_who_is_a_customer(wagtail_site):
    contact = get_or_create_contact("guest@example.org", now=START)
    (delivery,) = queue([NewDelivery(contact.pk, a_message().translation_key)])
    assert not all_gates.verdicts([delivery])


def test_one_estimate_that_cannot_be_recorded_holds_up_no_other(shop, caplog):
    """The oldest one due can't be read any more."""
    for number in (1, 2):
        sent = order("FULFILLED", lines=[line("tea", 2, 2)], fulfillments=[parcel(number, holds={"tea": 2})])
        apply(shop, event("OrderUpdated", 1, {**sent, "id": f"T3JkZXI6{number}"}))
    shop.transit_days = 3
    with clock.moved(START):
        shop.save()
    odd = Order.objects.order_by("id").first()
    Fulfilment.objects.filter(order=odd).update(told={"status": [1]})
    now = START + timedelta(days=10)
    with clock.moved(now):
        assert estimates.record_due(now, None) == 1
    assert Event.objects.filter(kind="order.delivered").count() == 1
    assert "could not be recorded" in caplog.text
