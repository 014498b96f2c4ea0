"""One row found or stored by SQL that is made once: nothing may differ from how Django does it."""

import uuid

from datetime import UTC, datetime

import pytest

from django.db import IntegrityError, connection, transaction

from wagtail_flows.lib import hot_rows
from wagtail_flows.shop.models import ReceivedWebhook, Shop


pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)
BODY = b'\0\xff%s {"a": "\xc3\xa9"} \\'


@pytest.fixture(params=["as the site comes", "prepared"], autouse=True)
def _prepared(request, monkeypatch):
    if request.param == "prepared":
        if connection.vendor != "postgresql":
            pytest.skip("Only PostgreSQL's driver keeps plans.")
        connection.ensure_connection()
        monkeypatch.setattr(connection.connection, "prepare_threshold", 0)


@pytest.fixture
def shop() -> Shop:
    jwks = {"keys": [{"kid": "1", "n": "é"}]}
    return Shop.objects.create(name="Zoë's", url="https://shop.example/", jwks=jwks, jwks_fetched_at=AT)


def webhook(shop: Shop, **told) -> ReceivedWebhook:
    values = {"event": "order_created", "digest": "a" * 64, "size": len(BODY), "body": BODY, "headers": {"a": "é"}}
    return ReceivedWebhook(**{"shop": shop, **values, "received_at": AT, "due_at": AT, **told})


def values(row, *without: str) -> dict:
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in without
    }


def test_a_row_is_found_as_django_finds_it(shop):
    found = hot_rows.find(Shop, "public_id", shop.public_id)
    assert found is not None
    assert values(found) == values(Shop.objects.get(pk=shop.pk))
    assert found.jwks == {"keys": [{"kid": "1", "n": "é"}]}


def test_a_row_that_was_found_is_saved_as_a_known_one(shop):
    found = hot_rows.find(Shop, "public_id", shop.public_id)
    found.name = "Another"
    found.save()
    assert Shop.objects.get().name == "Another"


def test_nothing_is_found_where_there_is_nothing(shop):
    assert hot_rows.find(Shop, "public_id", uuid.uuid4()) is None


def test_what_was_changed_a_moment_ago_is_seen(shop):
    hot_rows.find(Shop, "public_id", shop.public_id)
    Shop.objects.update(is_active=False, hmac_secret="new", jwks=None)
    found = hot_rows.find(Shop, "public_id", shop.public_id)
    assert (found.is_active, found.hmac_secret, found.jwks) == (False, "new", None)


def test_a_row_is_stored_as_django_stores_it(shop):
    assert hot_rows.insert_new(webhook(shop))
    webhook(shop, digest="b" * 64).save()
    ours, djangos = ReceivedWebhook.objects.order_by("pk")
    assert values(ours, "id", "digest", "body") == values(djangos, "id", "digest", "body")
    assert bytes(ours.body) == bytes(djangos.body) == BODY


def test_what_a_constraint_knows_is_not_stored_again_and_the_transaction_goes_on(shop):
    with transaction.atomic():
        assert hot_rows.insert_new(webhook(shop))
        assert not hot_rows.insert_new(webhook(shop, body=b"other"))
        assert hot_rows.insert_new(webhook(shop, status="refused"))
    assert ReceivedWebhook.objects.count() == 2


def test_any_other_trouble_raises(shop):
    with pytest.raises(IntegrityError), transaction.atomic():
        hot_rows.insert_new(webhook(shop, size=None))


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_it_is_committed_when_it_returns(shop):
    assert hot_rows.insert_new(webhook(shop))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM wagtail_flows_receivedwebhook")
            assert cursor.fetchone() == (1,)
    finally:
        other.close()
