import pytest

from django.utils import timezone

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.among import among


@pytest.fixture
def people(db):
    return [
        Contact.objects.create(
            address=f"p{number}@example.org", key=f"p{number}@example.org", key_hash=str(number),
            created_at=timezone.now(),
        )
        for number in range(3)
    ]  # fmt: skip


def test_those_among_the_ids_are_found_and_no_others(people):
    first, _second, third = people
    found = Contact.objects.filter(among("pk", [first.pk, third.pk, 10**12]))
    assert set(found) == {first, third}


def test_nobody_is_among_no_ids_and_everybody_is_not(people):
    assert not Contact.objects.filter(among("pk", [])).exists()
    assert Contact.objects.filter(~among("pk", [])).count() == 3


def test_more_ids_than_a_database_takes_parameters(people):
    many = range(people[0].pk, people[0].pk + 300_000)
    assert Contact.objects.filter(among("pk", many)).count() == 3
