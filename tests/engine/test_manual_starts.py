"""Started by hand for many: a batch at a time, by whichever runner, and nobody twice."""

from __future__ import annotations

import pytest

from tests.engine.everything.crashes import dying_at
from tests.engine.test_starting import FRENCH, published
from tests.together import at_the_same_time, without_errors
from wagtail_flows import tasks
from wagtail_flows.engine import manual_starts
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.manual_starts import Forecast, begin, forecast, prepare, startable
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.starting import NotStartable
from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_deletion import users_of
from wagtail_flows.segments.models import Segment


pytestmark = pytest.mark.django_db


@pytest.fixture
def french(story):
    for number in range(5):
        story.contact(f"person{number}", locale="fr")
    story.contact("bob", locale="en")
    return Segment.objects.create(name="French", rule=FRENCH)


def begun(story, scenario, **chosen) -> ManualStart:
    with clock.moved(story.now):
        row = prepare(**chosen)
        assert begin(row, scenario)
    row.refresh_from_db()
    return row


def follow_up(story) -> int:
    with clock.moved(story.now):
        return manual_starts.follow_up(story.now)


def test_a_few_come_in_at_once(story):
    made = published(story)
    alice, bob = story.contact("alice"), story.contact("bob")
    row = begun(story, made, contact_ids=[bob.pk, alice.pk, bob.pk])
    assert (row.looked_at, row.entered, row.finished_at) == (2, 2, story.now)
    assert row.contacts == []
    assert manual_starts.next_due(story.now) is None


def test_of_many_the_first_batch_comes_in_at_once_and_the_runner_follows_up(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 2
    made = published(story)
    row = begun(story, made, segment=french)
    assert (row.looked_at, row.entered, row.finished_at) == (2, 2, None)
    assert manual_starts.next_due(story.now) == story.now
    assert follow_up(story) == 3
    row.refresh_from_db()
    assert (row.looked_at, row.entered, row.finished_at, row.problem) == (5, 5, story.now, "")
    assert Enrollment.objects.count() == 5


def test_a_budget_that_is_over_leaves_the_rest_for_the_next_round(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 1
    made = published(story)
    begun(story, made, segment=french)
    assert manual_starts.follow_up(story.now, until=0.0) == 0
    assert manual_starts.next_due(story.now) == story.now
    assert follow_up(story) == 4


@pytest.mark.django_db(transaction=True)
def test_it_is_a_phase_of_the_tick(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 2
    begun(story, published(story), segment=french)
    assert tasks.tick(story.now, until_idle=True).done["started by hand"] == 3


def test_pressing_twice_begins_once(story):
    made, alice = published(story), story.contact()
    row = begun(story, made, key="0" * 32, contact_ids=[alice.pk])
    again = prepare(key="0" * 32, contact_ids=[alice.pk])
    assert again == row
    assert not begin(again, made)
    assert Enrollment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_the_same_at_once_begin_once(story):
    made, alice = published(story), story.contact()
    row = prepare(contact_ids=[alice.pk])
    results = without_errors(at_the_same_time(*[lambda: begin(ManualStart.objects.get(pk=row.pk), made)] * 2))
    assert sorted(results) == [False, True]
    assert Enrollment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_runners_at_once_let_everybody_in_once(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 1
    row = begun(story, published(story), segment=french)
    without_errors(at_the_same_time(*[lambda: follow_up(story)] * 2))
    row.refresh_from_db()
    assert (row.looked_at, row.entered, Enrollment.objects.count()) == (5, 5, 5)


def test_a_crash_at_any_statement_leaves_nobody_out(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 2
    row = begun(story, published(story), segment=french)
    with clock.moved(story.now):
        deaths = sum(dying_at(statement, lambda: manual_starts.follow_up(story.now)) for statement in range(1, 40))
    assert 10 < deaths < 39, "it has come to its end"
    row.refresh_from_db()
    assert (row.looked_at, row.entered, row.finished_at) == (5, 5, story.now)
    assert Enrollment.objects.count() == 5


def test_who_is_erased_meanwhile_is_left_out(story):
    made, alice, bob = published(story), story.contact("alice"), story.contact("bob")
    row = prepare(contact_ids=[alice.pk, bob.pk])
    alice.delete()
    begin(row, made)
    row.refresh_from_db()
    assert (row.looked_at, row.entered) == (2, 1)


def test_unpublished_on_the_way_it_ends_and_says_why(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 2
    made = published(story)
    row = begun(story, made, segment=french)
    made.unpublish()
    assert follow_up(story) == 0
    row.refresh_from_db()
    assert (row.looked_at, row.problem, row.finished_at) == (2, "not_startable", story.now)


def test_a_segment_deleted_on_the_way_ends_it_and_says_why(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 2
    row = begun(story, published(story), segment=french)
    french.delete()
    assert follow_up(story) == 0
    row.refresh_from_db()
    assert (row.looked_at, row.problem) == (2, "segment_gone")


def test_a_segment_whose_people_are_being_let_in_is_in_use(story, french, settings):
    settings.FLOWS_BATCH_SIZE = 2
    made = published(story)
    row = begun(story, made, segment=french)
    assert made in users_of(french)
    follow_up(story)
    row.refresh_from_db()
    assert row.finished_at is not None
    assert made not in users_of(french)


def test_what_can_not_be_started_is_refused_and_can_be_begun_later(story):
    unlike = story.publish("placed > send thanks")
    row = prepare(contact_ids=[story.contact().pk])
    with pytest.raises(NotStartable):
        begin(row, unlike)
    with pytest.raises(NotStartable):
        forecast(unlike, manual_starts.people_of(row))
    made = published(story)
    assert startable() == [made]
    assert begin(row, made)


def test_the_forecast_counts_what_stands_against_it(story, french):
    made = published(story, audience={"rule": {"match": "none", "rules": FRENCH["rules"]}})
    bob = story.contact("bob", locale="en")
    everybody = Segment.objects.create(name="All", rule={"match": "all", "rules": []})
    assert forecast(made, manual_starts.people_of(prepare(segment=everybody))) == Forecast(6, 0, 5)
    begun(story, made, contact_ids=[bob.pk])
    assert forecast(made, manual_starts.people_of(prepare(segment=everybody))) == Forecast(6, 1, 5)
    assert begun(story, made, segment=everybody).entered == 0


def test_what_was_prepared_and_forgotten_goes(story):
    with clock.moved(story.now):
        forgotten = prepare(contact_ids=[1])
    kept = begun(story, published(story), contact_ids=[story.contact().pk])
    story.later(days=2)
    with clock.moved(story.now):
        prepare(contact_ids=[2])
    assert not ManualStart.objects.filter(pk=forgotten.pk).exists()
    assert ManualStart.objects.filter(pk=kept.pk).exists()


def test_the_queries_of_a_batch_do_not_hang_on_its_size(story, settings, django_assert_max_num_queries):
    made = published(story)
    people = [story.contact(f"person{number}").pk for number in range(30)]
    with django_assert_max_num_queries(45):
        begun(story, made, contact_ids=people)
