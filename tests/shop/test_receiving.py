"""The door: what is let in, what is refused, and what each is told."""

import hashlib
import hmac
import threading

import pytest

from django.db import DatabaseError, connection, connections
from django.test import Client
from django.urls import reverse

from tests.shop.conftest import make_shop, send_webhook
from tests.shop.recordings import HMAC_SECRET, all_recordings, recording
from wagtail_flows.shop.models import ReceivedWebhook, Shop
from wagtail_flows.shop.receiving import digest_of


JWS = recording("0055")
BY_SECRET = recording("0054")


def signed(body: bytes, secret: str = HMAC_SECRET) -> dict[str, str | None]:
    """The headers that sign a body of our own with the secret."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Saleor-Signature": signature, "X-Saleor-Signature": signature}


def test_every_recorded_request_is_let_in_by_its_own_signature(shop, post):
    for one in all_recordings():
        assert post(shop, one).status_code == 200, one.name
    rows = ReceivedWebhook.objects.all()
    assert {row.status for row in rows} == {"received"}
    assert {row.signature for row in rows} == {"jws", "hmac"}
    # Some pairs of hooks sent the same bytes about the same event: those are one row.
    assert len(rows) == len({(one.event, one.body) for one in all_recordings()})
    assert sum(row.repeats for row in rows) == len(all_recordings()) - len(rows)


def test_what_is_stored_is_the_raw_body_and_no_secret(shop, post):
    post(shop, BY_SECRET, Authorization="Bearer secret", Cookie="a=b", **{"X-Lab-Header": "secret"})
    row = ReceivedWebhook.objects.get()
    assert bytes(row.body) == BY_SECRET.body
    assert (row.event, row.size, row.digest) == (
        "order_created", len(BY_SECRET.body), digest_of("order_created", BY_SECRET.body),
    )  # fmt: skip
    assert row.headers["saleor-api-url"] == "http://127.0.0.1:18000/graphql/"
    assert "secret" not in str(row.headers)
    assert BY_SECRET.signature not in str(row.headers)


def test_a_repeated_body_is_welcome_and_makes_no_second_row(shop, post):
    for _time in range(3):
        assert post(shop, JWS).status_code == 200
    row = ReceivedWebhook.objects.get()
    assert (row.repeats, row.status) == (2, "received")


def test_the_same_body_for_another_event_is_another_webhook(shop, post):
    post(shop, JWS)
    post(shop, JWS, **{"Saleor-Event": "order_updated"})
    assert ReceivedWebhook.objects.count() == 2


def test_two_shops_may_get_the_same_body(shop, post):
    other = make_shop(name="Other")
    assert post(shop, JWS).status_code == post(other, JWS).status_code == 200
    assert ReceivedWebhook.objects.count() == 2


def test_the_door_answers_posts_only_and_never_redirects(shop, client):
    url = reverse("wagtail_flows:shop_webhook", args=[shop.public_id])
    assert url == f"/flows/shops/{shop.public_id}/"
    for method in ("get", "put", "delete", "head"):
        assert getattr(client, method)(url).status_code == 405
    without_slash = client.post(url.rstrip("/"), JWS.body, content_type="application/json", headers=JWS.headers)
    assert without_slash.status_code == 200


def test_no_csrf_token_is_asked_for(shop):
    assert send_webhook(Client(enforce_csrf_checks=True), shop, JWS).status_code == 200


def test_an_unknown_shop_is_404_and_a_switched_off_one_410(shop, post):
    shop.is_active = False
    shop.save()
    assert post(shop, JWS).status_code == 410
    Shop.objects.all().delete()
    assert post(shop, JWS).status_code == 404
    assert not ReceivedWebhook.objects.exists()


def refused(shop: Shop) -> ReceivedWebhook:
    shop.refresh_from_db()
    assert shop.refused_count == 1
    assert shop.last_refused_at is not None
    row = ReceivedWebhook.objects.get()
    assert row.status == "refused"
    assert bytes(row.body) == b""
    return row


@pytest.mark.parametrize(
    "signature",
    [
        "0" * 64,
        "ABC",
        "é" * 32,
        "\udcff",
        "",
        "..",
        "a..b",
        "a.b.c",
        "." * 5000,
        "x" * 5000,
        JWS.signature[:-8] + "AAAAAAAA",
    ],
    ids=range(11),
)
def test_a_wrong_signature_is_401_with_a_row_that_holds_no_body(shop, post, signature):
    answer = post(shop, JWS, **{"Saleor-Signature": signature.encode("utf-8", "surrogateescape").decode("latin-1"),
                                "X-Saleor-Signature": None})  # fmt: skip
    assert answer.status_code == 401
    row = refused(shop)
    assert row.digest == hashlib.sha256(JWS.body).hexdigest()
    assert row.size == len(JWS.body)
    assert row.reason


def test_a_changed_body_is_401(shop, post):
    assert post(shop, JWS, body=JWS.body.replace(b'"21"', b'"22"')).status_code == 401
    assert post(shop, BY_SECRET, body=BY_SECRET.body + b" ").status_code == 401


def test_no_signature_is_401(shop, post):
    answer = post(shop, JWS, **{"Saleor-Signature": None, "X-Saleor-Signature": None})
    assert answer.status_code == 401
    assert "no signature" in refused(shop).reason


def test_a_secret_signature_for_a_shop_without_a_secret_is_401_even_if_it_is_of_an_empty_secret(post, wagtail_site):
    shop = make_shop(hmac_secret="")
    assert post(shop, BY_SECRET).status_code == 401
    assert post(shop, JWS, **signed(JWS.body, "")).status_code == 401


def test_a_shop_of_a_kind_that_is_not_installed_is_503(post, wagtail_site):
    assert post(make_shop(adapter="gone"), JWS).status_code == 503


def test_a_refused_body_comes_in_once_its_signature_is_right(shop, post):
    post(shop, JWS, **{"Saleor-Signature": "0" * 64})
    assert post(shop, JWS).status_code == 200
    assert sorted(ReceivedWebhook.objects.values_list("status", flat=True)) == ["received", "refused"]


def test_a_flood_of_wrong_requests_does_not_fill_the_table(shop, post):
    for _time in range(5):
        post(shop, JWS, **{"Saleor-Signature": "0" * 64})
    assert ReceivedWebhook.objects.get().repeats == 4
    for number in range(60):
        post(shop, JWS, body=b"%d" % number, **{"Saleor-Signature": "0" * 64})
    assert ReceivedWebhook.objects.count() == 30
    shop.refresh_from_db()
    assert shop.refused_count == 65


def test_a_body_over_the_limit_is_413_before_it_is_read(shop, post, settings):
    settings.FLOWS_WEBHOOK_MAX_BYTES = 1024
    body = b" " * 1025
    assert post(shop, JWS, body=body, **signed(body)).status_code == 413
    row = refused(shop)
    assert (row.size, row.digest) == (1025, "")


def test_a_body_at_the_limit_of_one_mebibyte_is_let_in(shop, post):
    body = b"[" + b" " * (1_048_576 - 2) + b"]"
    assert post(shop, JWS, body=body, **signed(body)).status_code == 200
    assert post(shop, JWS, body=body + b" ", **signed(body + b" ")).status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"\xff\xfe", b"\0", b'{"a": NaN}', b"[" * 100_000, b"[]", b"null", b"3"]
)
def test_a_good_signature_over_a_broken_body_is_stored(shop, post, body):
    assert post(shop, JWS, body=body, **signed(body)).status_code == 200
    assert bytes(ReceivedWebhook.objects.get().body) == body


@pytest.mark.parametrize("event", ["", "x" * 500, "<script>", "é", "order created"])
def test_an_odd_event_name_counts_as_none(shop, post, event):
    answer = post(shop, JWS, **{"Saleor-Event": event.encode().decode("latin-1"), "X-Saleor-Event": None})
    assert answer.status_code == 200
    assert ReceivedWebhook.objects.get().event == ""


def test_trouble_with_the_database_is_503_so_that_it_is_sent_again(shop, post):
    def refuse_inserts(execute, sql, params, many, context):
        if sql.startswith("INSERT"):
            raise DatabaseError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_inserts):
        assert post(shop, JWS).status_code == 503
    assert post(shop, JWS).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_same_body_posted_by_many_at_once_is_one_row(shop):
    start = threading.Barrier(6)
    answers: list[int] = []

    def work() -> None:
        start.wait()
        try:
            answers.append(send_webhook(Client(), shop, JWS).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 6
    assert ReceivedWebhook.objects.get().repeats == 5


@pytest.mark.django_db(transaction=True)
def test_a_webhook_of_a_shop_that_is_deleted_meanwhile_is_not_said_to_be_stored(shop, post):
    def delete_first(execute, sql, params, many, context):
        if sql.startswith("INSERT"):
            Shop.objects.all().delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_first):
        assert post(shop, JWS).status_code == 503
    assert post(shop, JWS).status_code == 404
