from datetime import UTC, datetime, timedelta

import pytest

from tests.together import at_the_same_time, without_errors
from wagtail_flows.lib.limits import take, take_many
from wagtail_flows.lib.models import RateCount


NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_so_many_in_a_window_and_then_no_more():
    assert [take("key", 3, HOUR, now=NOON + timedelta(minutes=n)) for n in range(5)] == [True, True, True, False, False]
    assert take("key", 3, HOUR, now=NOON + HOUR)


@pytest.mark.django_db
def test_keys_are_counted_apart_and_not_readable():
    assert take("ada@example.org", 1, HOUR, now=NOON)
    assert take("bob@example.org", 1, HOUR, now=NOON)
    assert not take("ada@example.org", 1, HOUR, now=NOON)
    assert not any("@" in key for key in RateCount.objects.values_list("key", flat=True))


@pytest.mark.django_db
def test_many_keys_are_taken_together_and_counted_with_the_single_ones():
    assert take("ada", 2, HOUR, now=NOON)
    assert take_many(["ada", "bob"], 2, HOUR, now=NOON) == {"ada", "bob"}
    assert take_many(["ada", "bob", "eve"], 2, HOUR, now=NOON) == {"bob", "eve"}
    assert not take("bob", 2, HOUR, now=NOON)
    assert take_many(["ada"], 2, HOUR, now=NOON + HOUR) == {"ada"}
    assert take_many(["ada"], 0, HOUR, now=NOON) == take_many([], 2, HOUR, now=NOON) == set()


@pytest.mark.django_db
def test_nothing_can_be_taken_of_nothing():
    assert not take("key", 0, HOUR, now=NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("window", [timedelta(0), timedelta(days=2), -HOUR])
def test_a_window_is_at_most_a_day(window):
    with pytest.raises(ValueError, match="window"):
        take("key", 1, window, now=NOON)


@pytest.mark.django_db
def test_old_windows_are_pruned_in_passing():
    for number in range(5):
        take(f"key {number}", 1, HOUR, now=NOON)
    take("key", 1, HOUR, now=NOON + timedelta(days=3))
    assert RateCount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_take_no_more_than_there_are():
    taken = without_errors(at_the_same_time(*[lambda: take("key", 3, HOUR, now=NOON)] * 8))
    assert sorted(taken) == [False] * 5 + [True] * 3
    assert RateCount.objects.get().count == 3
