"""From stored webhooks to orders, contacts and events: whatever the order, the shape and the number of tellings."""

import random
import threading

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shop.conftest import apply_all, make_shop
from tests.shop.recordings import HOOKS, Recording, all_recordings, life_of_order_21, recording
from wagtail_flows.contacts.models import Contact
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.shop.applying import NotApplicable, apply_waiting, apply_webhook, next_due
from wagtail_flows.shop.models import Fulfilment, Order, OrderLine, ReceivedWebhook, Shop
from wagtail_flows.shop.receiving import digest_of


DELIVERED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
# What a message tells about when something happened, where it tells only that it did: its own time.
LEEWAY = timedelta(seconds=2)


def store(shop: Shop, recordings: list[Recording]) -> None:
    for one in recordings:
        now = clock.now()
        ReceivedWebhook.objects.get_or_create(
            shop=shop,
            digest=digest_of(one.event, one.body),
            defaults={"event": one.event, "size": len(one.body), "body": one.body, "received_at": now, "due_at": now},
        )


def told(shop: Shop, recordings: list[Recording]) -> None:
    store(shop, recordings)
    apply_all()


def order_table(shop: Shop) -> dict:
    order = Order.objects.get(shop=shop)
    names = ("external_id", "number", "address", "locale", "channel", "status", "currency", "total", "placed_at",
             "shipped_at", "cancelled_at", "fully_refunded_at", "metadata")  # fmt: skip
    return {name: getattr(order, name) for name in names} | {"contact": order.contact.address}


def line_table(shop: Shop) -> list[dict]:
    names = ("external_id", "position", "product_name", "variant_name", "sku", "variant_id", "quantity",
             "quantity_settled",
             "unit_price", "is_removed")  # fmt: skip
    return list(OrderLine.objects.filter(order__shop=shop).values(*names))


def parcel_table(shop: Shop) -> list:
    parcels = Fulfilment.objects.filter(order__shop=shop).order_by("external_id")
    names = ("external_id", "status", "tracking", "shipped_at", "is_removed")
    return [
        [getattr(one, name) for name in names] + sorted(one.lines.values_list("order_line_external_id", "quantity"))
        for one in parcels
    ]


def contact_table() -> list:
    return list(Contact.objects.order_by("key").values_list("address", "first_name", "last_name", "locale"))


def event_table(shop: Shop) -> list:
    # Not all kinds of hook know products, see `line_table`.
    drop = {"order", "shop", "is_estimated", "products"}
    return sorted(
        (event.kind, event.dedupe_key, event.contact.address, {k: v for k, v in event.data.items() if k not in drop})
        for event in Event.objects.filter(source=shop.source)
    )


def common_tables(shop: Shop) -> list:
    """Everything that all four kinds of hook tell."""
    return [order_table(shop), line_table(shop), parcel_table(shop), contact_table(), event_table(shop)]


def all_tables(shop: Shop) -> list:
    """Everything, to the last column, but primary keys and public ids."""
    drop = {"id", "public_id", "shop_id", "order_id", "contact_id", "created_at", "recorded_at", "updated_at"}
    rows = [
        *Order.objects.filter(shop=shop),
        *OrderLine.objects.filter(order__shop=shop).order_by("external_id"),
        *Fulfilment.objects.filter(order__shop=shop).order_by("external_id"),
        *shop.customers.order_by("contact__key"),
    ]
    columns = [{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} for row in rows]
    dated = sorted(Event.objects.filter(source=shop.source).values_list("kind", "dedupe_key", "occurred_at"))
    return [
        [{k: v for k, v in row.items() if k not in drop} for row in columns],
        dated,
        contact_table(),
        event_table(shop),
    ]


@pytest.mark.parametrize("hook", HOOKS)
def test_order_21_is_told_wholly_by_each_of_the_four_hooks(shop, hook):
    told(shop, life_of_order_21(hook))
    order = Order.objects.get()
    assert (order.number, order.status, order.total, order.currency) == ("21", "fulfilled", Decimal("41.99"), "USD")
    assert (order.locale, order.channel, order.metadata["utm_source"]) == ("pl", "default-channel", "newsletter")
    assert order.placed_at == datetime(2026, 11, 21, 17, 18, 47, 373000, UTC)
    assert order.shipped_at == datetime(2026, 11, 21, 17, 18, 51, 360000, UTC)
    assert abs(order.paid_at - order.placed_at) < LEEWAY
    assert order.refunded_at
    assert not order.is_fully_refunded
    # Without a subscription query, only the undated mark on the order is told, with the refund.
    is_dated = hook.startswith("sub")
    assert order.delivered_at == DELIVERED_AT if is_dated else order.delivered_at > order.shipped_at
    lines = [(line.product_name, line.variant_name, line.quantity, line.unit_price) for line in order.lines.all()]
    assert lines == [("Apple Juice", "", 1, Decimal("1.99")), ("Monospace Tee", "S", 2, Decimal("20"))]
    parcel = order.fulfilments.get()
    assert (parcel.tracking, parcel.lines.count()) == ("1Z999AA10123456784", 2)
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name, contact.locale) == ("Zoë-Anne", "O'Brien-Łuczak", "pl")
    assert list(Event.objects.order_by("kind").values_list("kind", flat=True)) == [
        "order.delivered", "order.paid", "order.placed", "order.refunded", "order.shipped",
    ]  # fmt: skip
    assert set(ReceivedWebhook.objects.values_list("status", flat=True)) <= {"applied", "ignored"}


def test_all_four_hooks_make_equal_tables(wagtail_site):
    tables = []
    for hook in HOOKS:
        with transaction.atomic():
            shop = make_shop(name=hook)
            told(shop, life_of_order_21(hook))
            tables.append(common_tables(shop))
            transaction.set_rollback(True)
    assert tables[0] == tables[1] == tables[2] == tables[3]


def test_what_the_event_says(shop):
    told(shop, life_of_order_21("sub-jws"))
    order = Order.objects.get()
    common = {
        "order": str(order.public_id),
        "number": "21",
        "total": "41.99",
        "currency": "USD",
        "shop": str(shop.public_id),
        "products": list(order.lines.values_list("product_id", flat=True)),
    }
    assert len(common["products"]) == 2
    events = {event.kind: event for event in Event.objects.all()}
    assert events["order.placed"].data == common
    assert events["order.shipped"].data["fulfilment"] == order.fulfilments.get().external_id
    assert events["order.refunded"].data == common | {"is_full": False}
    delivered = events["order.delivered"]
    assert (delivered.source, delivered.subject) == (f"shop:{shop.public_id}", f"order:{order.public_id}")
    assert delivered.dedupe_key == f"order:{order.external_id}:delivered"
    assert delivered.occurred_at == DELIVERED_AT
    assert delivered.data == common | {"is_estimated": False}


@pytest.mark.parametrize("hook", ["sub-jws", "legacy-hmac", "all"])
def test_the_order_of_arrival_does_not_matter(wagtail_site, hook):
    life = [one for name in HOOKS for one in life_of_order_21(name)] if hook == "all" else life_of_order_21(hook)
    expected = None
    orders = [life, life[::-1], life + life, *(random.Random(seed).sample(life, len(life)) for seed in range(3))]
    for sequence in orders:
        with transaction.atomic():
            shop = make_shop()
            for one in sequence:
                told(shop, [one])
            expected = expected or all_tables(shop)
            assert all_tables(shop) == expected
            transaction.set_rollback(True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_permutation_of_any_part_makes_one_state(wagtail_site, data):
    life = [one for name in HOOKS for one in life_of_order_21(name) if "order" in one.event or "fulfil" in one.event]
    part = data.draw(st.lists(st.sampled_from(life), min_size=1, max_size=8, unique_by=lambda one: one.name))
    other = data.draw(st.permutations(part)) + data.draw(st.lists(st.sampled_from(part), max_size=3))
    tables = []
    for sequence in (part, other):
        with transaction.atomic():
            shop = make_shop()
            for one in sequence:
                told(shop, [one])
            tables.append(all_tables(shop) if Order.objects.exists() else None)
            transaction.set_rollback(True)
    assert tables[0] == tables[1]


def test_applying_twice_changes_nothing_and_events_are_recorded_once(shop):
    told(shop, life_of_order_21("sub-jws"))
    before = all_tables(shop)
    for row in ReceivedWebhook.objects.all():
        assert apply_webhook(row.pk).status in {"applied", "ignored"}
    assert all_tables(shop) == before


def test_what_is_not_used_is_ignored_with_a_reason(shop):
    told(shop, list(all_recordings()))
    by_status = {row.event: row.status for row in ReceivedWebhook.objects.all()}
    assert by_status["checkout_created"] == "ignored"
    assert by_status["notify_user"] == "applied"
    assert not ReceivedWebhook.objects.filter(status__in=["failed", "received"]).exists()
    assert all(row.reason for row in ReceivedWebhook.objects.filter(status="ignored"))
    assert Contact.objects.get(first_name="Nina").locale == "de"


def store_body(shop: Shop, body: bytes, event: str = "order_created") -> ReceivedWebhook:
    now = clock.now()
    return ReceivedWebhook.objects.create(
        shop=shop, event=event, digest=digest_of(event, body), size=len(body), body=body, received_at=now, due_at=now
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"\xff", "not UTF-8"), (b"{", "not JSON"), (b"3", "neither an object nor a list"), (b"[]", "exactly one object"),
     (b'{"order": null}', "MANAGE_ORDERS"), (b'{"__typename": "CustomerUpdated", "user": null}', "MANAGE_USERS"),
     (b"[" * 100_000, "nested too deeply"), (b'{"a": NaN}', "not JSON"), (b"9" * 5000, "not JSON"),
     (b'[{"type": "User", "email": "a@example.org"}]', "the signed body holds 'User'")],
)  # fmt: skip
def test_a_body_that_cannot_be_read_fails_at_once_with_its_reason(shop, body, reason):
    row = store_body(shop, body)
    assert apply_all() == 1
    row.refresh_from_db()
    assert (row.status, row.due_at) == ("failed", None)
    assert reason in row.reason


def test_an_unknown_event_is_ignored(shop):
    row = store_body(shop, b'{"__typename": "MoonRose", "moon": 1}', "moon_rose")
    apply_all()
    row.refresh_from_db()
    assert (row.status, bool(row.reason)) == ("ignored", True)


def test_a_header_that_contradicts_the_signed_body_loses(shop):
    body = recording("0055").body
    row = store_body(shop, body, "order_cancelled")
    apply_all()
    row.refresh_from_db()
    assert row.status == "applied"
    assert "order_cancelled" in row.reason
    assert Order.objects.get().cancelled_at is None


@pytest.mark.parametrize("hook", ["legacy-jws", "sub-jws"])
def test_a_header_alone_cancels_refunds_and_expires_nothing(shop, hook):
    first = next(one for one in life_of_order_21(hook) if one.event == "order_created")
    for event in ("order_cancelled", "order_expired"):
        store_body(shop, first.body, event)
    apply_all()
    order = Order.objects.get()
    assert (order.cancelled_at, order.refunded_at) == (None, None)


def test_a_failing_row_is_tried_again_later_and_then_given_up(shop):
    shop.adapter = "gone"
    shop.save()
    row = store_body(shop, recording("0055").body)
    now = clock.now()
    for attempt in range(1, 8):
        assert apply_waiting(now, None) == 1
        row.refresh_from_db()
        assert (row.status, row.attempts) == ("received", attempt)
        assert "gone" in row.reason
        assert next_due(now) == row.due_at > now
        assert apply_waiting(now, None) == 0
        now = row.due_at
    apply_waiting(now, None)
    row.refresh_from_db()
    assert (row.status, row.attempts, next_due(now)) == ("failed", 8, None)
    Shop.objects.update(adapter="saleor")
    assert apply_webhook(row.pk).status == "applied"


def test_a_bad_row_does_not_stop_the_others(shop):
    store_body(shop, b"bad")
    store_body(shop, recording("0055").body)
    assert apply_all() == 2
    assert Order.objects.count() == 1


def test_a_refused_webhook_cannot_be_applied(shop):
    row = ReceivedWebhook.objects.create(shop=shop, status="refused", digest="x", size=1, received_at=clock.now())
    with pytest.raises(NotApplicable):
        apply_webhook(row.pk)


def test_work_stops_at_the_deadline(shop):
    store(shop, life_of_order_21("sub-jws"))
    assert apply_waiting(clock.now(), 0.0) == 0


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_make_what_one_makes(shop):
    store(shop, [one for hook in HOOKS for one in life_of_order_21(hook)])
    failures: list[Exception] = []

    def work() -> None:
        try:
            apply_all()
        except Exception as error:  # noqa: BLE001 - shown by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    apply_waiting(clock.now() + timedelta(hours=1), None)
    assert not ReceivedWebhook.objects.filter(status__in=["received", "failed"]).exists()
    at_once = all_tables(shop)
    alone = make_shop(name="Alone")
    told(alone, [one for hook in HOOKS for one in life_of_order_21(hook)])
    assert at_once[:3] == all_tables(alone)[:3]
