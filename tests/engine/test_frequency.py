"""How often one contact may be written to, decided without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.engine.frequency import DAY, WEEK, Cap, Waiting, goes_before, opens_at, room


NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SENT = st.lists(st.integers(1, 200).map(lambda hours: NOW - hours * HOUR), max_size=12)
MOST = st.none() | st.integers(1, 5)


def ago(*hours: int) -> list[datetime]:
    return [NOW - number * HOUR for number in hours]


@pytest.mark.parametrize(
    ("cap", "sent", "left"),
    [
        (Cap(), ago(1, 2, 3), None),
        (Cap(a_day=2), ago(), 2),
        (Cap(a_day=2), ago(1), 1),
        (Cap(a_day=2), ago(1, 2, 3), 0),
        (Cap(a_day=2), ago(24, 25), 2),
        (Cap(a_week=3), ago(1, 100, 169), 1),
        (Cap(a_day=5, a_week=3), ago(100, 120), 1),
        (Cap(a_day=1, a_week=3), ago(100), 1),
    ],
)
def test_the_tighter_of_two_caps_says_how_many_more_may_go(cap, sent, left):
    assert room(cap, sent, NOW) == left


@pytest.mark.parametrize(
    ("cap", "sent", "hours"),
    [
        (Cap(), ago(1), 0),
        (Cap(a_day=2), ago(1), 0),
        (Cap(a_day=1), ago(5), 19),
        (Cap(a_day=2), ago(1, 5, 6), 19),
        (Cap(a_week=1), ago(5), 163),
        (Cap(a_day=1, a_week=2), ago(5, 30), 138),
    ],
)
def test_a_cap_opens_when_what_was_sent_is_old_enough(cap, sent, hours):
    assert opens_at(cap, sent, NOW) == NOW + hours * HOUR


@given(a_day=MOST, a_week=MOST, sent=SENT)
def test_when_it_opens_there_is_room_and_a_moment_before_there_was_none(a_day, a_week, sent):
    cap = Cap(a_day, a_week)
    opens = opens_at(cap, sent, NOW)
    left = room(cap, sent, opens)
    assert left is None or left >= 1
    assert (opens > NOW) is (room(cap, sent, NOW) == 0)
    if opens > NOW:
        assert room(cap, sent, opens - timedelta(microseconds=1)) == 0


@given(a_day=st.integers(1, 4), a_week=st.integers(1, 8), asked=st.lists(st.integers(0, 600), max_size=60))
def test_who_obeys_never_sends_more_than_the_cap_in_any_day_or_week(a_day, a_week, asked):
    cap, sent = Cap(a_day, a_week), []
    for moment in sorted(NOW + number * HOUR for number in asked):
        if room(cap, sent, moment):
            sent.append(moment)
    for moment in sent:
        assert sum(moment - DAY < other <= moment for other in sent) <= a_day
        assert sum(moment - WEEK < other <= moment for other in sent) <= a_week


def test_the_more_important_goes_first_then_who_has_waited_longer():
    low = Waiting(1, priority=1, queued_at=NOW - 9 * HOUR)
    older, newer = Waiting(2, 2, NOW - 2 * HOUR), Waiting(3, 2, NOW - HOUR)
    high = Waiting(4, 3, NOW)
    everybody = [low, older, newer, high]
    assert [goes_before(one, everybody) for one in everybody] == [3, 1, 2, 0]
