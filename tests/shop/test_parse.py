"""Reading bodies: the four shapes, odd values, and anything at all without another error than ours."""

import copy
import json

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shop.recordings import all_recordings, recording
from wagtail_flows.shop.adapters.saleor import values
from wagtail_flows.shop.adapters.saleor.envelope import open_body
from wagtail_flows.shop.adapters.saleor.parse import parse
from wagtail_flows.shop.claims import customer_claims, fulfilment_claims, line_claims, order_claims
from wagtail_flows.shop.facts import CustomerFact, Moment, Told, UnreadableWebhook
from wagtail_flows.shop.merging import Claim, merged
from wagtail_flows.shop.shop_page import QUERY_FILES


NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "shape", "event"),
    [("0040", "legacy", "order_created"), ("0055", "subscription", "order_created"),
     ("0053", "subscription", "order_created"),
     ("0392", "notify", "notify_user"), ("0064", "legacy", "fulfillment_created"),
     ("0079", "legacy", "fulfillment_tracking_number_updated")],
)  # fmt: skip
def test_the_four_shapes_are_told_apart(start, shape, event):
    one = recording(start)
    envelope = open_body(one.event, one.body)
    assert (envelope.shape, envelope.event) == (shape, event)


def test_every_recording_can_be_read():
    for one in all_recordings():
        told = parse(one.event, one.body, NOW)
        assert told.event == one.event


def test_an_envelope_without_a_time_takes_the_time_of_receipt():
    one = recording("0053")
    told = parse(one.event, one.body, NOW)
    assert told.told_at == NOW
    assert (told.order.number, told.order.total, told.order.lines) == ("21", Decimal("41.99"), None)


def test_objects_nulled_for_want_of_a_permission_fall_back_on_what_is_told():
    one = recording("0435")
    told = parse(one.event, one.body, NOW)
    assert told.order.address.startswith("notify.")


def test_a_filtered_subscription_is_named_by_its_field_and_not_by_the_header():
    body = b'{"data": {"orderFullyPaid": {"order": {"id": "T3JkZXI6MQ=="}}}}'
    told = parse("order_cancelled", body, NOW)
    assert (told.event, told.order.is_paid, told.order.is_cancelled) == ("order_fully_paid", True, False)


def test_a_notification_to_the_staff_makes_no_customer():
    one = json.loads(recording("0392").body)
    one["payload"]["user"]["is_staff"] = True
    assert parse("notify_user", json.dumps(one).encode(), NOW).customers == ()
    del one["payload"]["user"]
    assert parse("notify_user", json.dumps(one).encode(), NOW).customers == ()


def test_a_legacy_parcel_names_the_order_lines_of_its_variants():
    one = recording("0064")
    told = parse(one.event, one.body, NOW)
    expected = tuple(sorted((line.external_id, line.quantity) for line in told.order.lines))
    assert told.order.fulfilments[0].lines == expected
    assert [line.quantity_settled for line in told.order.lines] == [1, 2]


def test_money_is_exact():
    assert parse("x", recording("0055").body.replace(b"41.99", b"0.1"), NOW).order.total == Decimal("0.1000")


def read_or_refuse(event: str, body: bytes) -> Told | None:
    """What it tells; None where it is refused with the one error that may be."""
    try:
        return parse(event, body, NOW)
    except UnreadableWebhook:
        return None


def every_claim(told: Told) -> list[Claim]:
    claims = [claim for fact in told.customers for claim in customer_claims(fact, told.told_at)]
    if told.order:
        claims += order_claims(told.order, told.told_at)
        for line in told.order.lines or ():
            claims += line_claims(line, 0, told.told_at)
        for parcel in (*(told.order.fulfilments or ()), *([told.fulfilment] if told.fulfilment else [])):
            claims += fulfilment_claims(parcel, told.told_at)
    return claims


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.floats(), st.builds(dict), st.builds(list),
    st.builds(lambda: [None]), st.builds(lambda: {"gross": 3}), st.just("\x00\ud800"), st.just("x" * 5000),
    st.just(10**400),
    st.builds(lambda: [[1]]), st.just("9999-12-31T23:59:59+00:00"), st.just("0001-01-01"), st.just("1e999999"),
    st.just("NaN"),
)  # fmt: skip


def paths(value, path=()):
    """Where something stands in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_mangled_body_is_read_or_refused_and_nothing_else(data):
    one = data.draw(st.sampled_from(all_recordings()))
    content = copy.deepcopy(one.content)
    for _change in range(data.draw(st.integers(1, 6))):
        path = data.draw(st.sampled_from([path for path in paths(content) if path]))
        inner = content
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = data.draw(ODD)
    told = read_or_refuse(one.event, json.dumps(content).encode())
    if told is None:
        return
    known = merged({}, every_claim(told))
    stored = json.dumps(known, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in stored
    stored.encode()


@settings(max_examples=300, deadline=None)
@given(
    event=st.text(max_size=30),
    body=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-16")),
)
def test_any_bytes_are_read_or_refused(event, body):
    told = read_or_refuse(event, body)
    assert told is None or isinstance(every_claim(told), list)


JSON = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@settings(max_examples=200, deadline=None)
@given(event=st.sampled_from(["order_created", "fulfillment_created", "customer_updated", "notify_user"]), content=JSON)
def test_any_json_is_read_or_refused(event, content):
    told = read_or_refuse(event, json.dumps(content).encode())
    assert told is None or isinstance(every_claim(told), list)


@pytest.mark.parametrize(
    ("told", "locale"),
    [("PL", "pl"), ("pl", "pl"), ("PT_BR", "pt-BR"), ("pt-br", "pt-BR"), ("ZH_HANS", "zh-Hans"),
     ("ZH_HANS_CN", "zh-Hans-CN"),
     ("ES_419", "es-419"), ("", None), (None, None), (3, None), ("e n", None), ("x" * 40, None)],
)  # fmt: skip
def test_languages(told, locale):
    assert values.locale(told) == locale


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("UHJvZHVjdFZhcmlhbnQ6Mzg0", ""),
        ("S", "S"),
        ("Blue", "Blue"),
        ("abcd", "abcd"),
        ("", ""),
        (None, None),
        (4, "4"),
    ],
)
def test_a_variant_that_is_called_by_its_id_has_no_name(told, name):
    assert values.variant_name(told) == name


@pytest.mark.parametrize(
    ("pairs", "moment"),
    [({"delivered_at": "2026-11-21T12:00:00Z"}, Moment(datetime(2026, 11, 21, 12, tzinfo=UTC))),
     ({"delivered_at": "2026-11-21T12:00:00+02:00"}, Moment(datetime(2026, 11, 21, 10, tzinfo=UTC))),
     ({"delivered_on": "2026-11-21"}, Moment(datetime(2026, 11, 21, 12, tzinfo=UTC))),
     ({"deliveredAt": "1795262400"}, Moment(datetime(2026, 11, 21, 12, tzinfo=UTC))),
     ({"delivered_at": "yes"}, Moment(None)), ({"delivery_status": "DELIVERED"}, Moment(None)),
     ({"delivery_status": "in_transit"}, None), ({"delivered_at": ""}, None), ({}, None)],
)  # fmt: skip
def test_arrivals_in_metadata(pairs, moment):
    assert values.delivered(values.metadata(pairs)) == moment


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "//x.example/y", "http://", "ftp://x.example/", "https://x y/", 3]
)
def test_only_web_addresses_become_pictures(value):
    assert values.web_address(value) is None


def test_what_the_account_says_of_a_name_outranks_what_was_typed_later():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    account = list(customer_claims(CustomerFact("a@example.org", "Zoë-Anne", None, "en", is_account=True), early))
    typed = list(customer_claims(CustomerFact("a@example.org", "Zoë", "Ł", "pl"), late))
    for claims in (account + typed, typed + account):
        known = merged({}, claims)
        assert {name: claim[2] for name, claim in known.items()} == {
            "first_name": "Zoë-Anne",
            "last_name": "Ł",
            "locale": "pl",
        }


CLAIMS = st.lists(
    st.builds(
        Claim, st.sampled_from(["a", "b"]), st.sampled_from([None, "", "x", 1, True]),
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
        st.sampled_from([1, 2]),
    )
)  # fmt: skip


@given(claims=CLAIMS, data=st.data())
def test_merging_is_commutative_and_idempotent(claims, data):
    shuffled = data.draw(st.permutations(claims))
    assert merged({}, claims) == merged(merged({}, shuffled), claims)


def test_the_recommended_query_asks_for_what_makes_messages_safe():
    query = QUERY_FILES["saleor"].read_text(encoding="utf-8")
    for needed in (
        "__typename",
        "issuedAt",
        "metadata { key value }",
        "quantityFulfilled",
        "slug",
        "FulfillmentMetadataUpdated",
    ):
        assert needed in query
