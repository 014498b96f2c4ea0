"""Storing many rows: COPY and INSERT must leave the same behind."""

import uuid

from datetime import UTC, datetime

import pytest

from django.db import IntegrityError, transaction

from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib.inserting import Alike, insert_alike, insert_missing
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion


pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
FEW, MANY = 3, 25
OWN = ("public_id", "address", "key", "key_hash")
# What could break a format of text: tabs, line breaks, backslashes, the mark of an empty value, other scripts.
ODD = ("tab\there", "line\nbreak", "back\\slash", "\\N", "\\.", "Zoë 日本", '"quoted"', "")


def people(number: int = MANY) -> list[Contact]:
    keys = [f"p{one}@example.org" for one in range(number)]
    return [
        Contact(address=key, key=key, key_hash=key_hash(key), first_name=ODD[one % len(ODD)], created_at=AT)
        for one, key in enumerate(keys)
    ]


def test_json_and_empty_values_come_back_as_they_went():
    people_stored = Contact.objects.bulk_create(people())
    data = [{"text": odd, "list": [1, None, True], "deep": {"a": 1.5}} for odd in ODD]
    own = [(one.pk, str(n), data[n % len(data)] if n % 2 else {}) for n, one in enumerate(people_stored)]
    like = Event(kind="k", source="s", occurred_at=AT, recorded_at=AT)
    insert_alike(Event, [Alike(like, ("contact_id", "dedupe_key", "data"), own)])
    stored = Event.objects.order_by("pk")
    assert [(one.contact_id, one.dedupe_key, one.data) for one in stored] == own
    assert {one.matched_at for one in stored} == {None}


def test_what_a_constraint_refuses_raises():
    first = Contact.objects.bulk_create(people(FEW))[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_alike(Contact, [Alike(Contact(created_at=AT), OWN, [(uuid.uuid4(), "x", first.key, "x")])])


def test_keys_drawn_later_do_not_meet_those_that_were_copied():
    own = [(uuid.uuid4(), one.address, one.key, one.key_hash) for one in people()]
    insert_alike(Contact, [Alike(Contact(created_at=AT), OWN, own)])
    other = Contact(address="x@example.org", key="x@example.org", key_hash=key_hash("x@example.org"), created_at=AT)
    other.public_id = uuid.uuid4()
    other.save()
    assert Contact.objects.count() == MANY + 1


def test_nothing_new_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_alike(Contact, []) == []
        assert insert_alike(Contact, [Alike(Contact(), OWN, [])]) == []


def test_rows_that_are_alike_are_stored_like_objects():
    like = Contact(locale="fr", time_zone="Europe/Paris", first_name="Zoë", created_at=AT)
    names = (*OWN, "last_name")
    groups = [
        Alike(
            like,
            names,
            [(uuid.uuid4(), f"{one}@Example.org", f"{one}@example.org", key_hash(one), odd) for one, odd in few],
        )
        for few in (list(zip("abcd", ODD, strict=False)), [("e", "Ł")], [])
    ]
    keys = insert_alike(Contact, groups)
    stored = list(Contact.objects.order_by("pk"))
    assert keys == [one.pk for one in stored]
    assert [(one.public_id, one.address, one.key, one.key_hash, one.last_name) for one in stored] == [
        own for group in groups for own in group.own
    ]
    assert {(one.locale, one.time_zone, one.first_name, one.created_at) for one in stored} == {
        ("fr", "Europe/Paris", "Zoë", AT)
    }
    # What is kept from another column follows it.
    assert [(one.domain, one.last_name_folded) for one in stored] == [
        ("example.org", one.last_name.casefold()) for one in stored
    ]


def test_rows_that_are_alike_share_their_json():
    Contact.objects.bulk_create(people())
    like = Event(kind="k", source="s", data={"a": [1, None, ODD]}, occurred_at=AT, recorded_at=AT)
    contacts = Contact.objects.values_list("pk", flat=True)
    insert_alike(Event, [Alike(like, ("contact_id", "dedupe_key"), [(pk, str(pk)) for pk in contacts])])
    assert [one.data for one in Event.objects.all()] == [{"a": [1, None, list(ODD)]}] * MANY


@pytest.mark.parametrize("number", [FEW, 2 * MANY])
def test_many_rows_of_which_only_numbers_differ_are_stored_like_few(number: int):
    Contact.objects.bulk_create(people(1))
    scenario, contact = Scenario.objects.create(name="s"), Contact.objects.get()
    version = ScenarioVersion.objects.create(
        scenario=scenario, number=1, graph={}, published_at=AT, starts_with_events_after=AT
    )
    own = [
        Enrollment(
            scenario=scenario, version=version, contact=contact, entry_key=str(n), subject=str(n), step="a",
            step_entered_at=AT, entered_at=AT
        )
        for n in range(number)
    ]  # fmt: skip
    Enrollment.objects.bulk_create(own)
    seen = {"answers": {"reads": True, "odd": ODD}}
    like = Visit(number=7, step="it's", kind="%s", entered_at=AT, left_at=AT, outcome="", seen=seen)
    keys = insert_alike(Visit, [Alike(like, ("enrollment_id",), [(one.pk,) for one in own])])
    stored = list(Visit.objects.order_by("pk"))
    assert [(one.pk, one.enrollment_id) for one in stored] == list(zip(keys, [one.pk for one in own], strict=True))
    assert {(one.number, one.step, one.kind, one.entered_at, one.outlet) for one in stored} == {
        (7, "it's", "%s", AT, "")
    }
    assert all(one.seen == {"answers": {"reads": True, "odd": list(ODD)}} for one in stored)


def test_of_rows_that_are_alike_those_that_are_there_already_are_left_out():
    Contact.objects.bulk_create(people(FEW))
    like = Event(kind="k", source="s", occurred_at=AT, recorded_at=AT)
    contacts = Contact.objects.order_by("pk").values_list("pk", flat=True)
    own = [(pk, str(pk), {"odd": odd}) for pk, odd in zip(contacts, ODD, strict=False)]
    names = ("contact_id", "dedupe_key", "data")
    insert_missing(Event, [])
    insert_missing(Event, [Alike(like, names, own[:1])])
    insert_missing(Event, [Alike(like, names, own[:2]), Alike(like, names, own[1:])])
    assert [(one.contact_id, one.dedupe_key, one.data) for one in Event.objects.order_by("contact_id")] == own
