"""The database is the referee: it refuses the second of what there may be once, whoever asks and whatever the code
believes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django.db import IntegrityError, transaction

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery


pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolled(story) -> Enrollment:
    """Alice, inside about her first order."""
    story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact(), "order:1")
    story.run()
    return Enrollment.objects.get()


def refused(make: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        return True
    return False


def another(enrolled: Enrollment, **changes: Any) -> Callable[[], Any]:
    values = {field.attname: getattr(enrolled, field.attname) for field in Enrollment._meta.concrete_fields}
    for own in ("id", "public_id"):
        del values[own]
    return lambda: Enrollment.objects.create(**values | changes)


def visit(enrollment: Enrollment, number: int) -> Visit:
    at = enrollment.entered_at
    return Visit.objects.create(enrollment=enrollment, number=number, step="x", kind="x", entered_at=at, left_at=at)


def test_a_visit_has_one_delivery(enrolled):
    at, first = enrolled.entered_at, visit(enrolled, 1)

    def deliver(to: Visit | None) -> Delivery:
        return Delivery.objects.create(visit=to, contact=enrolled.contact, queued_at=at, due_at=at)

    deliver(first)
    assert refused(lambda: deliver(first))
    assert not refused(lambda: deliver(visit(enrolled, 2)))
    assert not any(refused(lambda: deliver(None)) for _twice in range(2)), "many have no visit"


def test_visits_of_one_enrollment_have_numbers_of_their_own(enrolled):
    visit(enrolled, 1)
    assert refused(lambda: visit(enrolled, 1))
    assert not refused(lambda: visit(enrolled, 2))
    other = another(enrolled, entry_key="other", subject="order:2")()
    assert not refused(lambda: visit(other, 1))


def test_an_entry_key_lets_a_contact_into_a_scenario_once_even_after_having_left(enrolled, story):
    Enrollment.objects.update(status="ended")
    assert refused(another(enrolled, subject="order:2"))
    assert not refused(another(enrolled, subject="order:2", entry_key="other"))
    assert not refused(another(enrolled, contact_id=story.contact("bob").pk))


@pytest.mark.parametrize("first", ["active", "parked"])
@pytest.mark.parametrize("second", ["active", "parked"])
def test_a_contact_is_inside_once_about_one_subject(enrolled, first, second):
    Enrollment.objects.update(status=first)
    assert refused(another(enrolled, entry_key="other", status=second))
    assert not refused(another(enrolled, entry_key="other", status=second, subject="order:2"))
    Enrollment.objects.filter(subject=enrolled.subject).update(status="ended")
    assert not refused(another(enrolled, entry_key="later", status=second))


def test_a_fact_of_one_source_is_stored_once(enrolled, story):
    known = {"kind": "order.placed", "source": "shop", "dedupe_key": "order:1:placed"}

    def store(contact: Contact, **changes: str) -> Event:
        return Event.objects.create(contact=contact, occurred_at=story.now, recorded_at=story.now, **known | changes)

    store(enrolled.contact)
    assert refused(lambda: store(enrolled.contact))
    assert refused(lambda: store(story.contact("bob"))), "whosever it is"
    for name in known:
        assert not refused(lambda changed=name: store(enrolled.contact, **{changed: "another"}))
