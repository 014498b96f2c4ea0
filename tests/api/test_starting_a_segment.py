"""A program starts a scenario for a segment: a batch at a time, once with one key, and as the admin does it."""

import uuid

import pytest

from tests.api.conftest import make_key
from tests.engine.test_manual_starts import follow_up, french  # noqa: F401  (fixture)
from tests.engine.test_starting import FRENCH, published
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.segments.models import Segment


pytestmark = pytest.mark.django_db
BROKEN = {"match": "all", "rules": [{"field": "property.gone", "operator": "is", "value": "1"}]}


@pytest.fixture
def ask_start(ask, story, french):  # noqa: F811
    """Starts it for the five people of the segment; what is `...` is left out."""

    def asked(scenario, headers=None, **changes):
        told = {"segment": str(french.public_id), "key": "spring", **changes}
        with clock.moved(story.now):
            sent = {name: value for name, value in told.items() if value is not ...}
            return ask(f"scenarios/{scenario.public_id}/start", sent, **(headers or {}))

    return asked


def test_who_is_in_the_segment_comes_in(ask_start, story):
    made = published(story)
    response = ask_start(made)
    assert (response.status_code, response.json()) == (202, {"entered": 5, "looked_at": 5, "finished": True})
    assert set(made.enrollments.values_list("contact__locale", "entry_key")) == {("fr", "manual:spring")}


def test_of_many_the_runner_lets_in_the_rest_and_the_same_request_tells_how_far_it_is(ask_start, story, settings):
    settings.FLOWS_BATCH_SIZE = 2
    made = published(story)
    assert ask_start(made).json() == {"entered": 2, "looked_at": 2, "finished": False}
    assert follow_up(story) == 3
    again = ask_start(made)
    assert (again.status_code, again.json()) == (200, {"entered": 5, "looked_at": 5, "finished": True})
    assert Enrollment.objects.count() == 5


def test_the_same_key_starts_nobody_twice_by_address_or_by_segment(ask, ask_start, story):
    made, other = published(story, path="exit done 1d", reentry="every_time"), published(story)
    by_address = {"addresses": ["person1@example.org"], "key": "spring"}
    with clock.moved(story.now):
        assert ask(f"scenarios/{made.public_id}/start", by_address).json()["entered"] == 1
    story.later(days=2)
    assert ask_start(made).json()["entered"] == 4
    story.later(days=2)
    with clock.moved(story.now):
        assert ask(f"scenarios/{made.public_id}/start", by_address).json()["entered"] == 0
    assert ask_start(other).json()["entered"] == 5, "another scenario has keys of its own"


def test_a_key_that_may_only_record_events_starts_no_segment(ask_start, story):
    made = published(story)
    response = ask_start(made, headers={"authorization": f"Bearer {make_key('events')}"})
    assert (response.status_code, response.json()["code"]) == (403, "scope")
    assert ask_start(made, headers={"authorization": f"Bearer {make_key('start')}"}).status_code == 202


def test_what_can_not_be_started_is_told_and_can_be_started_later(ask_start, story, french):  # noqa: F811
    made = published(story)
    refused = {
        "unknown_segment": ({"segment": str(uuid.uuid4())}, 404),
        "segment_broken": ({"segment": str(Segment.objects.create(name="Gone", rule=BROKEN).public_id)}, 409),
    }
    for code, (changes, status) in refused.items():
        response = ask_start(made, **changes)
        assert (response.status_code, response.json()["code"]) == (status, code)
    made.unpublish()
    assert ask_start(made).json()["code"] == "not_startable"
    made.get_latest_revision().publish()
    assert ask_start(made).status_code == 202
    other = Segment.objects.create(name="Other", rule=FRENCH)
    response = ask_start(made, segment=str(other.public_id))
    assert (response.status_code, response.json()["code"]) == (409, "key_taken")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"segment": "french"}, "segment", "not_a_key"),
        ({"segment": 5}, "segment", "not_a_key"),
        ({"key": ...}, "key", "missing"),
        ({"key": "a" * 41}, "key", "not_text"),
        ({"addresses": ["anna@example.org"]}, "addresses", "unknown_field"),
        ({"data": {"code": "X"}}, "data", "unknown_field"),
        ({"segment": ...}, "addresses", "missing"),
    ],
)
def test_what_is_wrong_is_located(ask_start, story, changes, field, code):
    made = published(story)
    response = ask_start(made, **changes)
    assert response.status_code == 422
    assert (field, code) in [(one["field"], one["code"]) for one in response.json()["errors"]]
    assert not made.enrollments.exists()
