"""How many, by asking some: the share of a sample, on both databases."""

import random

import pytest

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib import clock
from wagtail_flows.lib.time_budget import TookTooLong
from wagtail_flows.segments import estimating
from wagtail_flows.segments.estimating import estimated


@pytest.fixture
def people(db):
    """Two thousand contacts; every other one was erased since."""
    now = clock.now()
    numbers = range(4_000)
    Contact.objects.bulk_create(
        [
            Contact(address=f"p{n}@example.org", key=f"p{n}@example.org", key_hash=f"{n:064}", created_at=now)
            for n in numbers
        ]
    )
    ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
    Contact.objects.filter(pk__in=ids[::2]).delete()
    return ids[1::2]


def test_the_share_of_a_sample_is_the_share_of_all(people):
    tenth = set(people[: len(people) // 10])
    assert 120 <= estimated(tenth.intersection) <= 290


def test_everybody_is_everybody_and_nobody_found_is_not_known(people):
    assert estimated(set) == 2_000
    assert estimated(lambda ids: ()) is None


def test_an_empty_site_has_no_estimate(db):
    assert estimated(set) is None


def test_what_takes_too_long_even_for_a_few_has_no_estimate(people):
    def endless(ids):
        raise TookTooLong

    assert estimated(endless) is None


def test_the_portions_asked_in_time_count(people):
    portions = iter([people])

    def slow(ids):
        return (next(portions, None) and ids) or _too_long()

    assert estimated(slow) == 2_000


def _too_long():
    raise TookTooLong


@pytest.mark.django_db
def test_the_newest_are_drawn_as_well_as_the_oldest(monkeypatch):
    monkeypatch.setattr(estimating, "PORTION", 20)
    random.seed(7)
    made = [
        Contact(address=f"n{n}@example.org", key=f"n{n}@example.org", key_hash=str(n), created_at=clock.now())
        for n in range(200)
    ]
    ids = sorted(one.pk for one in Contact.objects.bulk_create(made))
    drawn = estimating._drawn()
    assert len(drawn) == 20
    assert [one for one in drawn if one in ids[150:]]
    assert [one for one in drawn if one in ids[:50]]
