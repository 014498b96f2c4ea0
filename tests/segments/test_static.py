"""Segments made by hand: members by code, and by a file of addresses."""

from datetime import UTC, datetime

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.segments import address_file
from wagtail_flows.segments.address_file import FileUnreadable, read
from wagtail_flows.segments.importing import import_rows
from wagtail_flows.segments.membership import matching, members
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.static import SegmentAsksARule, add_members, remove_members


NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


@pytest.fixture
def vips(db):
    return Segment.objects.create(name="VIPs", kind="static", counted_at=NOW)


@pytest.fixture
def people(db):
    return [get_or_create_contact(f"{name}@example.org", now=NOW) for name in ("anna", "bob", "chloé")]


def test_who_is_put_in_is_in_once(vips, people):
    anna, bob, chloe = (person.pk for person in people)
    assert add_members(vips, [anna, bob, anna]) == 2
    assert add_members(vips, [anna, bob, chloe]) == 1
    assert set(members(vips).values_list("pk", flat=True)) == {anna, bob, chloe}
    assert remove_members(vips, [anna, bob]) == 2
    assert remove_members(vips, [anna]) == 0
    assert matching(vips, [anna, chloe]) == {chloe}


def test_ids_of_nobody_are_left_out(vips, people):
    assert add_members(vips, [people[0].pk, 999_999]) == 1


def test_a_change_makes_the_count_due(vips, people):
    add_members(vips, [people[0].pk])
    vips.refresh_from_db()
    assert vips.counted_at is None


def test_nobody_is_put_by_hand_into_a_segment_that_asks(people):
    asking = Segment.objects.create(name="A", rule={"match": "all", "rules": []})
    for change in (add_members, remove_members):
        with pytest.raises(SegmentAsksARule, match="asks a rule"):
            change(asking, [people[0].pk])
    assert members(asking).count() == 3


def test_an_erased_contact_leaves_the_segment(vips, people):
    add_members(vips, [person.pk for person in people])
    Contact.objects.filter(pk=people[0].pk).delete()
    assert members(vips).count() == 2


def test_many_are_put_in_in_few_queries(vips, django_assert_max_num_queries):
    Contact.objects.bulk_create(
        Contact(address=f"{number}@x.fr", key=f"{number}@x.fr", key_hash=str(number), created_at=NOW)
        for number in range(2500)
    )
    with django_assert_max_num_queries(30):
        assert add_members(vips, Contact.objects.values_list("pk", flat=True)) == 2500


def keys(data):
    return [row.key for row in read(data)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"anna@example.org\nbob@example.org", ["anna@example.org", "bob@example.org"]),
        (b"Email\r\nAnna@Example.org\r\n\r\n", ["anna@example.org"]),
        (b"name,email\nAnna,anna@example.org", ["anna@example.org"]),
        (b'name;e-mail\n"Wolf; Anna";anna@example.org', ["anna@example.org"]),
        (b"1,5;anna@example.org\n2,5;bob@example.org", ["anna@example.org", "bob@example.org"]),
        (b"Anna\tanna@example.org", ["anna@example.org"]),
        ("Prénom;Courriel\nZoé;zoé@example.org".encode(), ["zoé@example.org"]),
        ("Prénom;Courriel\nZoé;zoé@example.org".encode("cp1252"), ["zoé@example.org"]),
        ("Courriel\nzoé@example.org".encode("utf-8-sig"), ["zoé@example.org"]),
        ("Courriel\nzoé@example.org".encode("utf-16"), ["zoé@example.org"]),
        (b"customer\nanna@example.org", ["anna@example.org"]),
    ],
)
def test_the_addresses_are_found_however_the_file_was_written(data, expected):
    assert keys(data) == expected


def test_bad_rows_are_named_by_their_line():
    rows = read(b'name,email\n"two\nlines",anna@example.org\nBob,bob at example.org\nChloe\n')
    assert [(row.line, bool(row.key), bool(row.reason)) for row in rows] == [
        (3, True, False),
        (4, False, True),
        (5, False, True),
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\nc,d", "No column"),
        (b"PK\x03\x04\x00\x00anna@example.org", "no text"),
        (b"\xff\xfea", "no text"),
        (b"x" * 200_000 + b"@example.org", "Line 1"),
        (b"a@b.c\n" * 50_002, "too many rows"),
        (b"a" * (address_file.LARGEST_FILE + 1), "too large"),
    ],
    ids=range(8),
)
def test_what_is_no_file_of_addresses_is_refused_with_a_reason(data, told):
    with pytest.raises(FileUnreadable, match=told):
        read(data)


@given(st.binary(max_size=300))
def test_whatever_is_uploaded_is_read_or_refused(data):
    try:
        rows = read(data)
    except FileUnreadable:
        return
    assert all(bool(row.key) != bool(row.reason) for row in rows)


def test_who_is_no_contact_is_told_and_not_made_one(vips, people):
    add_members(vips, [people[0].pk])
    rows = read(b"email\nANNA@example.org\nbob@example.org\nbob@example.org\neve@example.org\nnone")
    told = import_rows(vips, rows)
    assert (told.added, told.already) == (1, 1)
    assert [(row.line, row.text) for row in told.unknown] == [(5, "eve@example.org")]
    assert [row.line for row in told.unreadable] == [6]
    assert Contact.objects.count() == 3
