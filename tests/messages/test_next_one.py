"""The one statement between two mails writes what the steps that it stands for write."""

from __future__ import annotations

import uuid

from typing import Any

import pytest

from django.utils import timezone

from tests.messages.deliveries import a_contact
from wagtail_flows.messages import settling
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.next_one import Before, Told, go_on
from wagtail_flows.messages.queueing import NewDelivery, queue
from wagtail_flows.messages.replies import Sent


pytestmark = pytest.mark.django_db

NOW = timezone.now()
OWN = {"id", "public_id", "contact", "address", "provider", "leased_until"}


@pytest.fixture
def three(wagtail_site) -> list[Delivery]:
    """Leased by `token`, as if refused before."""
    people = [a_contact(f"p{number}@example.org") for number in range(3)]
    queue([NewDelivery(one.pk, kind="dispatch", channel="webhook", basis="transaction", due_at=NOW) for one in people])
    Delivery.objects.update(lease_token=TOKEN, leased_until=NOW, reason="refused_for_now", error="later", attempts=1)
    found = list(Delivery.objects.order_by("pk"))
    for one in found:
        one.is_repeatable = True
    return found


TOKEN = uuid.uuid4()
WRITTEN = {"subject": "Hello", "revision_id": None}


def row_of(delivery: Delivery) -> dict[str, Any]:
    """All that is written, but for what is its own."""
    stored = Delivery.objects.get(pk=delivery.pk)
    values = {field.name: getattr(stored, field.attname) for field in Delivery._meta.concrete_fields}
    return {name: value for name, value in values.items() if name not in OWN} | {"leased": bool(stored.leased_until)}


def test_it_begins_and_settles_as_the_single_steps_do(three):
    one, other, third = three
    assert settling.begin(one, TOKEN, NOW, **WRITTEN)
    assert go_on(None, other, TOKEN, NOW, **WRITTEN) == Told(is_settled=False, is_begun=True)
    assert row_of(one) == row_of(other)
    assert row_of(one)["is_repeatable"]
    settling.settle(one, TOKEN, Sent("at-the-provider"), NOW, was_begun=True)
    assert go_on(Before(other, "at-the-provider"), third, TOKEN, NOW, **WRITTEN) == Told(is_settled=True, is_begun=True)
    assert row_of(one) == row_of(other)
    assert row_of(one)["status"] == "sent"


def test_who_lost_the_lease_writes_nothing(three):
    before = [row_of(one) for one in three]
    told = go_on(Before(three[0], "x"), three[1], uuid.uuid4(), NOW, **WRITTEN)
    assert told == Told(is_settled=False, is_begun=False)
    assert [row_of(one) for one in three] == before


def test_nor_does_any_single_step(three):
    first, sending, uncertain = three
    Delivery.objects.filter(pk=sending.pk).update(status="sending")
    Delivery.objects.filter(pk=uncertain.pk).update(status="uncertain")
    before, other = [row_of(one) for one in three], uuid.uuid4()
    assert not settling.begin(first, other, NOW, **WRITTEN)
    assert not settling.withdraw(sending, other)
    assert [settling.settle(one, other, Sent("x"), NOW, was_begun=True) for one in three] == ["", "", ""]
    assert settling.apply_verdicts({one.pk: Skip("suppressed") for one in three}, other, NOW) == 0
    assert [row_of(one) for one in three] == before
