"""What an order goes through, told by a shop: drafts, guests, parts, approvals, cancellations, refunds, arrivals."""

import itertools

from datetime import timedelta

import pytest

from django.db import transaction

from tests.shop.bodies import START, apply, event, line, metadata, order, parcel
from tests.shop.conftest import make_shop
from wagtail_flows.contacts.models import Contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.shop import estimates
from wagtail_flows.shop.models import Fulfilment, Order


PAID = {"isPaid": True, "paymentStatus": "FULLY_CHARGED", "chargeStatus": "FULL"}


def minutes(count: float):
    return START + timedelta(minutes=count)


def kinds() -> list[str]:
    """The kinds of the events, in the order in which they were recorded."""
    return [kind.removeprefix("order.") for kind in Event.objects.order_by("id").values_list("kind", flat=True)]


def in_every_order(*bodies: bytes):
    """Apply the bodies in each order of arrival; the fields that must be alike, and each order's events."""
    for sequence in itertools.permutations(bodies):
        with transaction.atomic():
            yield apply(make_shop(transit_days=None), *sequence)
            transaction.set_rollback(True)


def test_a_guests_order_makes_a_contact(shop):
    names = {"firstName": "Ana", "lastName": "Guest"}
    apply(shop, event("OrderCreated", 1, order(user=None, billingAddress=names)))
    contact = Contact.objects.get()
    assert (contact.address, contact.first_name, contact.last_name, contact.locale) == (
        "guest@example.org", "Ana", "Guest", "fr",
    )  # fmt: skip
    assert kinds() == ["placed"]


@pytest.mark.parametrize("address", [None, "", "not an address", "a@", "\x00"])
def test_an_order_without_an_address_is_kept_and_its_events_wait_for_one(shop, address):
    found = apply(shop, event("OrderCreated", 1, order(userEmail=address, **PAID)))
    assert (found.placed_at, found.contact, kinds()) == (START, None, [])
    apply(shop, event("OrderUpdated", 2, order(userEmail="late@example.org", **PAID)))
    assert kinds() == ["placed", "paid"]
    assert Event.objects.first().contact.address == "late@example.org"


def test_a_draft_is_not_placed_until_it_is_completed(shop):
    draft = order("DRAFT", origin="DRAFT")
    found = apply(shop, event("DraftOrderCreated", 1, draft), event("DraftOrderUpdated", 2, draft))
    assert (found.placed_at, kinds()) == (None, [])
    found = apply(shop, event("OrderCreated", 300, order(origin="DRAFT")))
    assert (found.placed_at, kinds()) == (minutes(300), ["placed"])


def test_an_order_marked_as_paid_is_paid_without_an_order_paid_event(shop):
    apply(shop, event("OrderFullyPaid", 5, order(**PAID)), event("OrderUpdated", 6, order(**PAID)))
    assert kinds() == ["placed", "paid"]
    assert Order.objects.get().paid_at == minutes(5)


def test_a_part_payment_is_no_payment(shop):
    part = {"isPaid": False, "chargeStatus": "PARTIAL", "paymentStatus": "PARTIALLY_CHARGED"}
    assert apply(shop, event("OrderPaid", 5, order(**part))).paid_at is None


@pytest.mark.parametrize(("typename", "status"), [("OrderCancelled", "CANCELED"), ("OrderExpired", "EXPIRED")])
def test_a_cancelled_or_expired_order_is_placed_first_and_then_cancelled(shop, typename, status):
    apply(shop, event(typename, 9, order(status)), event("OrderCreated", 1, order()))
    assert kinds() == ["placed", "cancelled"]
    assert Order.objects.get().cancelled_at == minutes(9)


def test_the_newest_message_decides_however_late_it_comes(wagtail_site):
    bodies = [event("OrderUpdated", n, order(number=str(n), userEmail=f"{n}@example.org")) for n in range(3)]
    for found in in_every_order(*bodies):
        assert (found.number, found.contact.address) == ("2", "2@example.org")


def test_a_field_that_is_not_told_is_not_erased(shop):
    apply(shop, event("OrderCreated", 1, order()))
    sparse = {"id": order()["id"], "number": None, "total": None, "userEmail": None}
    found = apply(shop, event("OrderUpdated", 2, sparse))
    assert (found.number, found.address, found.lines.count()) == ("1", "guest@example.org", 1)


def test_a_line_that_was_taken_out_is_removed_in_every_order_of_arrival(wagtail_site):
    before = event("OrderCreated", 1, order(lines=[line("tea", 2, 0), line("cup", 1, 0)]))
    after = event("OrderUpdated", 2, order(lines=[line("tea", 3, 0)]))
    for found in in_every_order(before, after, event("OrderConfirmed", 1.5, order(lines=None))):
        assert {one.product_name: (one.is_removed, one.quantity) for one in found.lines.all()} == {
            "tea": (False, 3), "cup": (True, 1),
        }  # fmt: skip


# Shipping


def test_a_part_that_is_shipped_is_shipped_but_the_order_is_not_delivered(shop):
    lines = [line("tea", 2, 1)]
    arrived = parcel(1, holds={"tea": 1}, metadata=metadata(delivered_at="2026-03-02T10:00:00Z"))
    found = apply(
        shop, event("FulfillmentCreated", 10, order("PARTIALLY_FULFILLED", lines=lines, fulfillments=[arrived]))
    )
    assert (found.shipped_at, found.delivered_at) == (minutes(10), None)
    assert kinds() == ["placed", "shipped"]
    second = parcel(2, minutes=20, holds={"tea": 1})
    both = order("FULFILLED", lines=[line("tea", 2, 2)], fulfillments=[arrived, second])
    assert apply(shop, event("FulfillmentCreated", 20, both)).delivered_at is None
    second = second | {"metadata": metadata(delivered_at="2026-03-04T10:00:00Z")}
    both = order("FULFILLED", lines=[line("tea", 2, 2)], fulfillments=[arrived, second])
    found = apply(shop, event("FulfillmentMetadataUpdated", 9000, both))
    assert found.delivered_at.isoformat() == "2026-03-04T10:00:00+00:00"
    assert kinds() == ["placed", "shipped", "shipped", "delivered"]


def test_a_parcel_that_waits_for_approval_is_shipped_when_it_is_approved(shop, wagtail_site):
    waiting = event("FulfillmentTrackingNumberUpdated", 10, order(fulfillments=[parcel(1, "WAITING_FOR_APPROVAL")]))
    approved = event("FulfillmentApproved", 90, order("FULFILLED", fulfillments=[parcel(1)]))
    assert apply(shop, waiting).shipped_at is None
    assert kinds() == ["placed"]
    assert apply(shop, approved).shipped_at == minutes(90)
    assert kinds() == ["placed", "shipped"]
    for found in in_every_order(waiting, approved):
        assert found.shipped_at == minutes(90)


def test_a_cancelled_parcel_is_not_waited_for(shop):
    gone, kept = parcel(1, "CANCELED"), parcel(2, minutes=20, metadata=metadata(delivery_status="Delivered"))
    shipped = order("FULFILLED", lines=[line("tea", 2, 2)], fulfillments=[gone, kept])
    assert apply(shop, event("FulfillmentCanceled", 30, shipped)).delivered_at == minutes(30)
    assert [one.kind for one in Event.objects.filter(kind="order.shipped")] == ["order.shipped"]


def test_the_other_side_of_a_refund_or_return_is_no_parcel(shop):
    pseudo = [
        parcel(n, status) for n, status in enumerate(("REFUNDED", "RETURNED", "REPLACED", "REFUNDED_AND_RETURNED"), 2)
    ]
    apply(shop, event("OrderRefunded", 30, order("FULFILLED", fulfillments=[parcel(1), *pseudo])))
    assert Fulfilment.objects.get().external_id == "parcel-1"
    assert kinds().count("shipped") == 1


def test_a_parcel_that_came_back_whole_is_not_waited_for(shop):
    both = order("FULFILLED", fulfillments=[parcel(1), parcel(2)])
    apply(shop, event("OrderFulfilled", 20, both))
    here = parcel(1, metadata=metadata(delivered_at="2026-03-02"))
    back = order("PARTIALLY_RETURNED", lines=[line("tea", 2, 2)], fulfillments=[here, parcel(3, "RETURNED")])
    found = apply(shop, event("OrderUpdated", 40, back))
    assert found.delivered_at.isoformat() == "2026-03-02T12:00:00+00:00"
    assert Fulfilment.objects.get(external_id="parcel-2").is_removed


# Arriving


def test_a_real_date_beats_an_undated_mark_whichever_comes_first(wagtail_site):
    dated = parcel(1, metadata=metadata(delivered_at="2026-03-03T08:30:00+02:00"))
    shipped = event("FulfillmentCreated", 10, order("FULFILLED", fulfillments=[parcel(1)]))
    told_by_parcel = event("FulfillmentMetadataUpdated", 4000, order("FULFILLED", fulfillments=[dated]))
    marked = order("FULFILLED", fulfillments=[parcel(1)], metadata=metadata(delivery_status="delivered"))
    told_by_order = event("OrderMetadataUpdated", 3000, marked)
    for found in in_every_order(shipped, told_by_parcel, told_by_order):
        assert found.delivered_at.isoformat() == "2026-03-03T06:30:00+00:00"
        delivered = Event.objects.get(kind="order.delivered")
        assert delivered.occurred_at == found.delivered_at


def test_the_orders_mark_does_not_cover_a_parcel_that_left_later(shop):
    mark = {"metadata": metadata(delivery_status="delivered")}
    first = order("PARTIALLY_FULFILLED", lines=[line("tea", 2, 1)], fulfillments=[parcel(1)], **mark)
    assert apply(shop, event("OrderMetadataUpdated", 50, first)).delivered_at is None
    both = order("FULFILLED", lines=[line("tea", 2, 2)], fulfillments=[parcel(1), parcel(2, minutes=60)], **mark)
    assert apply(shop, event("FulfillmentCreated", 60, both)).delivered_at is None


def test_delivered_is_recorded_once_even_if_another_parcel_follows(shop):
    here = parcel(1, metadata=metadata(delivered_at="2026-03-02"))
    apply(shop, event("FulfillmentMetadataUpdated", 20, order("FULFILLED", fulfillments=[here])))
    again = parcel(2, minutes=5000, metadata=metadata(delivered_at="2026-03-09"))
    apply(shop, event("FulfillmentMetadataUpdated", 6000, order("FULFILLED", fulfillments=[here, again])))
    assert kinds().count("delivered") == 1


@pytest.mark.parametrize("value", ["", "false", "0", "null", "pending"])
def test_a_mark_that_says_no_is_no_delivery(shop, value):
    not_yet = parcel(1, metadata=metadata(delivered_at=value, delivery_status="in_transit"))
    found = apply(shop, event("FulfillmentMetadataUpdated", 20, order("FULFILLED", fulfillments=[not_yet])))
    assert found.delivered_at is None


# Estimates


@pytest.fixture
def slow_shop(wagtail_site):
    """No carrier tells; parcels take three days."""
    return make_shop(transit_days=3)


SHIPPED = event("FulfillmentCreated", 10, order("FULFILLED", fulfillments=[parcel(1)]))
THREE_DAYS = timedelta(days=3)


def test_an_estimate_is_a_due_row_and_becomes_a_delivery_on_its_day(slow_shop):
    found = apply(slow_shop, SHIPPED)
    due = minutes(10) + THREE_DAYS
    assert estimates.next_due(START) == due
    assert estimates.record_due(due - timedelta(seconds=1), None) == 0
    assert kinds() == ["placed", "shipped"]
    assert estimates.record_due(due, None) == 1
    found.refresh_from_db()
    assert (found.delivered_at, found.is_delivery_estimated, estimates.next_due(due)) == (due, True, None)
    event_ = Event.objects.get(kind="order.delivered")
    assert (event_.occurred_at, event_.data["is_estimated"]) == (due, True)
    assert estimates.record_due(due, None) == 0


def test_cancelling_the_parcel_removes_the_estimate(slow_shop):
    apply(slow_shop, SHIPPED, event("FulfillmentCanceled", 20, order(fulfillments=[parcel(1, "CANCELED")])))
    assert estimates.next_due(START) is None
    assert estimates.record_due(START + timedelta(days=30), None) == 0


def test_a_real_date_replaces_an_estimate_before_and_after_its_day(slow_shop):
    apply(slow_shop, SHIPPED)
    estimates.record_due(START + timedelta(days=4), None)
    real = parcel(1, metadata=metadata(delivered_at="2026-03-08T10:00:00Z"))
    found = apply(slow_shop, event("FulfillmentMetadataUpdated", 10_000, order("FULFILLED", fulfillments=[real])))
    delivered = Event.objects.get(kind="order.delivered")
    assert delivered.occurred_at.isoformat() == "2026-03-08T10:00:00+00:00"
    assert (delivered.data["is_estimated"], found.is_delivery_estimated) == (False, False)


def test_an_estimate_does_not_deliver_an_order_that_was_refunded_or_cancelled(slow_shop):
    apply(slow_shop, SHIPPED, event("OrderRefunded", 30, order("FULFILLED", paymentStatus="FULLY_REFUNDED",
                                                                fulfillments=[parcel(1)])))  # fmt: skip
    estimates.record_due(START + timedelta(days=4), None)
    assert "delivered" not in kinds()


def test_other_days_in_transit_move_what_still_waits(slow_shop):
    apply(slow_shop, SHIPPED)
    slow_shop.transit_days = 5
    slow_shop.save()
    assert estimates.next_due(START) == minutes(10) + timedelta(days=5)
    slow_shop.transit_days = None
    slow_shop.save()
    assert estimates.next_due(START) is None


def test_days_in_transit_that_are_said_late_do_not_deliver_what_was_sent_long_ago(wagtail_site):
    shop = make_shop(transit_days=None)
    other = order("FULFILLED", id="T3JkZXI6Mg==", fulfillments=[parcel(2, minutes=30 * 24 * 60)])
    apply(shop, SHIPPED)
    apply(shop, event("FulfillmentCreated", 30 * 24 * 60, other))
    with clock.moved(START + timedelta(days=35)):
        shop.transit_days = 3
        shop.save()
    # The parcel of five days ago arrived the day before yesterday; that of a month ago is left alone, whatever is told.
    assert Fulfilment.objects.filter(estimated_delivery_at__isnull=False).count() == 1
    apply(shop, event("OrderUpdated", 40 * 24 * 60, order("FULFILLED", fulfillments=[parcel(1)])))
    assert Fulfilment.objects.filter(estimated_delivery_at__isnull=False).count() == 1
    shop.transit_days = 4
    shop.save()
    assert Fulfilment.objects.filter(estimated_delivery_at__isnull=False).count() == 1


def test_a_parcel_cancelled_after_its_arrival_takes_the_delivery_back_once(slow_shop):
    apply(slow_shop, SHIPPED)
    estimates.record_due(START + timedelta(days=4), None)
    gone = order("UNFULFILLED", fulfillments=[parcel(1, "CANCELED")])
    for minute in (8_000, 8_001):
        found = apply(slow_shop, event("FulfillmentCanceled", minute, gone))
    assert found.delivered_at is None
    assert kinds() == ["placed", "shipped", "delivered", "delivery_withdrawn"]
    taken_back = Event.objects.get(kind="order.delivery_withdrawn")
    assert (taken_back.subject, taken_back.occurred_at) == (found.subject, minutes(8_000))


def test_a_delivery_is_not_taken_back_while_another_parcel_has_arrived(slow_shop):
    both = event("FulfillmentCreated", 10, order("FULFILLED", fulfillments=[parcel(1), parcel(2)]))
    apply(slow_shop, both)
    estimates.record_due(START + timedelta(days=4), None)
    rest = order("PARTIALLY_FULFILLED", fulfillments=[parcel(1, "CANCELED"), parcel(2)])
    apply(slow_shop, event("FulfillmentCanceled", 8_000, rest))
    assert "delivery_withdrawn" not in kinds()


def test_a_cancelled_order_is_cancelled_and_nothing_else(slow_shop):
    apply(slow_shop, SHIPPED)
    estimates.record_due(START + timedelta(days=4), None)
    gone = order("CANCELED", fulfillments=[parcel(1, "CANCELED")])
    apply(slow_shop, event("OrderCancelled", 8_000, gone))
    assert kinds() == ["placed", "shipped", "delivered", "cancelled"]


# Refunds


def test_a_part_and_the_whole_are_two_refunds(shop):
    part = {"isPaid": False, "paymentStatus": "PARTIALLY_REFUNDED"}
    apply(shop, event("OrderRefunded", 30, order(**part)), event("OrderUpdated", 31, order(**part)))
    assert not Order.objects.get().is_fully_refunded
    whole = {"isPaid": False, "paymentStatus": "FULLY_REFUNDED"}
    apply(shop, event("OrderFullyRefunded", 40, order(**whole)), event("OrderUpdated", 41, order(**whole)))
    refunds = Event.objects.filter(kind="order.refunded").order_by("id")
    assert [one.data["is_full"] for one in refunds] == [False, True]
    assert [one.dedupe_key.rsplit(":")[-1] for one in refunds] == ["refunded", "refunded_fully"]
    assert (Order.objects.get().refunded_at, Order.objects.get().fully_refunded_at) == (minutes(30), minutes(40))


def test_a_contact_changed_by_hand_is_not_overwritten(shop):
    account = {"email": "guest@example.org", "firstName": "Ana", "languageCode": "FR"}
    apply(shop, event("OrderCreated", 1, order(user=account)))
    Contact.objects.update(first_name="Anna")
    apply(shop, event("OrderUpdated", 2, order(user=account | {"firstName": "Anita"})))
    assert Contact.objects.get().first_name == "Anna"


def test_a_message_without_its_own_time_counts_from_when_it_came(shop):
    body = event("OrderCreated", 1, order()).replace(b'"issuedAt"', b'"x"')
    now = clock.now()
    found = apply(shop, body)
    assert abs(found.told_at - now) < timedelta(minutes=1)
