"""A program starts a scenario for contacts: as its trigger lets them, and never twice with the same key."""

import uuid

import pytest

from tests.engine.test_starting import published
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db


@pytest.fixture
def ask_start(ask, story):
    def asked(scenario, **changes):
        told = {"addresses": ["anna@example.org"], "key": "spring", **changes}
        with clock.moved(story.now):
            return ask(
                f"scenarios/{scenario.public_id}/start",
                {name: value for name, value in told.items() if value is not ...},
            )

    return asked


def test_known_contacts_come_in_and_unknown_ones_are_told(ask_start, story, anna):
    made = published(story)
    response = ask_start(
        made, addresses=["Anna@Example.org", "nobody@example.org", "anna@example.org"], data={"code": "X"}
    )
    assert (response.status_code, response.json()) == (
        200,
        {"entered": 1, "known": 1, "unknown": ["nobody@example.org"]},
    )
    assert made.enrollments.get().data == {"code": "X"}


def test_the_same_key_starts_nobody_twice(ask_start, story, anna):
    made = published(story)
    assert [ask_start(made).json()["entered"] for _ in range(2)] == [1, 0]


def test_a_scenario_that_is_not_there_or_cannot_be_started_is_told(ask, ask_start, story, anna):
    response = ask(f"scenarios/{uuid.uuid4()}/start", {})
    assert (response.status_code, response.json()["code"]) == (404, "unknown_scenario")
    other = story.publish("placed > send thanks")
    response = ask_start(other)
    assert (response.status_code, response.json()["code"]) == (409, "not_startable")
    made = published(story)
    made.unpublish()
    assert ask_start(made).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"addresses": ...}, "addresses", "missing"),
        ({"addresses": []}, "addresses", "missing"),
        ({"addresses": "anna@example.org"}, "addresses", "not_a_list"),
        ({"addresses": ["x"]}, "addresses.0", "bad_address"),
        ({"addresses": ["anna@example.org", 5]}, "addresses.1", "bad_address"),
        ({"addresses": ["a@example.org"] * 501}, "addresses", "too_many"),
        ({"key": ...}, "key", "missing"),
        ({"key": "a" * 101}, "key", "not_text"),
        ({"data": 5}, "data", "not_an_object"),
        ({"contacts": []}, "contacts", "unknown_field"),
    ],
)
def test_what_is_wrong_is_located(ask_start, story, anna, changes, field, code):
    made = published(story)
    response = ask_start(made, **changes)
    assert response.status_code == 422
    assert (field, code) in [(one["field"], one["code"]) for one in response.json()["errors"]]
    assert not made.enrollments.exists()


def test_the_queries_do_not_hang_on_the_number_of_addresses(ask_start, story, django_assert_max_num_queries):
    made = published(story)
    people = [story.contact(f"person{number}").address for number in range(40)]
    with django_assert_max_num_queries(45):
        assert ask_start(made, addresses=people).json()["entered"] == 40
