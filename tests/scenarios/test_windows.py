"""Windows and dates on the clocks of four zones; every expected moment is in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.scenarios.dates import at_clock, days_from
from wagtail_flows.scenarios.windows import Window, next_in_window


PARIS, NEW_YORK, KATHMANDU, APIA = "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"
WORK = Window(time(9), time(18), frozenset({1, 2, 3, 4, 5}))
NIGHT = Window(time(22), time(6))
FRIDAY_NIGHT = Window(time(22), time(6), frozenset({5}))
EARLY = Window(time(2, 30), time(4))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "window", "moment", "expected"),
    [
        (PARIS, WORK, "2026-03-20 11:00", "2026-03-20 11:00"),  # Friday noon: inside
        (PARIS, WORK, "2026-03-20 17:00", "2026-03-23 08:00"),  # 18:00 sharp is over: Monday 9:00 +01
        (PARIS, WORK, "2026-03-27 18:00", "2026-03-30 07:00"),  # the weekend of summer time: Monday 9:00 +02
        (PARIS, WORK, "2026-10-23 18:00", "2026-10-26 08:00"),  # and of winter time: Monday 9:00 +01
        (PARIS, EARLY, "2026-03-29 00:00", "2026-03-29 01:30"),  # 2:30 is skipped: 3:30 +02
        (PARIS, EARLY, "2026-10-25 00:00", "2026-10-25 00:30"),  # 2:30 comes twice: the first, +02
        (PARIS, EARLY, "2026-10-25 01:15", "2026-10-25 01:15"),  # 2:15 +01, between both: still inside
        (NEW_YORK, WORK, "2026-03-06 23:00", "2026-03-09 13:00"),  # Monday 9:00 -04
        (NEW_YORK, WORK, "2026-10-30 23:00", "2026-11-02 14:00"),  # Monday 9:00 -05
        (NEW_YORK, NIGHT, "2026-12-31 20:00", "2027-01-01 03:00"),  # 22:00 -05 on New Year's Eve
        (NEW_YORK, NIGHT, "2027-01-01 10:30", "2027-01-01 10:30"),  # 5:30: still last year's night
        (NEW_YORK, NIGHT, "2027-01-01 11:00", "2027-01-02 03:00"),  # 6:00: over
        (KATHMANDU, WORK, "2026-05-04 02:00", "2026-05-04 03:15"),  # 7:45: 9:00 +05:45
        (KATHMANDU, FRIDAY_NIGHT, "2026-05-08 20:00", "2026-05-08 20:00"),  # Saturday 1:45 belongs to Friday
        (KATHMANDU, FRIDAY_NIGHT, "2026-05-09 18:00", "2026-05-15 16:15"),  # Saturday 23:45 doesn't
        (KATHMANDU, WORK, "2028-02-28 12:30", "2028-02-29 03:15"),  # into 29 February
        (APIA, WORK, "2011-12-29 20:00", "2011-12-29 20:00"),  # Thursday 10:00 -10
        (APIA, WORK, "2011-12-30 04:30", "2012-01-01 19:00"),  # Thursday 18:30; Friday never came: Monday 9:00 +14
        (APIA, Window(time(9), time(9)), "2011-12-30 09:59", "2011-12-30 09:59"),  # equal times: a whole day
    ],
)
def test_the_next_moment_within_a_window(zone, window, moment, expected):
    assert next_in_window(utc(moment), window, ZoneInfo(zone)) == utc(expected)


TIMES = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, tzinfo=None))
WINDOWS = st.builds(Window, TIMES, TIMES, st.frozensets(st.integers(1, 7), min_size=1))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, WINDOWS, st.sampled_from([PARIS, NEW_YORK, KATHMANDU, APIA, "Australia/Lord_Howe", "Africa/Cairo"]))
def test_the_moment_is_never_earlier_is_in_the_window_and_stays_so(moment, window, zone):
    found = next_in_window(moment, window, ZoneInfo(zone))
    assert moment <= found <= moment + timedelta(days=15)
    assert next_in_window(found, window, ZoneInfo(zone)) == found


def test_a_window_without_weekdays_never_opens():
    with pytest.raises(ValueError, match="weekday"):
        next_in_window(utc("2026-05-04 02:00"), Window(time(9), time(18), frozenset()), UTC)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        (date(2026, 3, 29), time(2, 30), PARIS, "2026-03-29 01:30"),
        (date(2026, 10, 25), time(2, 30), PARIS, "2026-10-25 00:30"),
        (date(2028, 2, 29), time(0), KATHMANDU, "2028-02-28 18:15"),
        (date(2012, 1, 1), time(0), APIA, "2011-12-31 10:00"),
        (date(2026, 12, 31), time(23, 59), NEW_YORK, "2027-01-01 04:59"),
    ],
)
def test_a_time_of_a_day_is_a_moment(day, clock, zone, expected):
    assert at_clock(day, clock, ZoneInfo(zone)) == utc(expected)


def test_days_before_and_after_stay_in_the_calendar():
    assert days_from(date(2026, 3, 1), -1) == date(2026, 2, 28)
    assert days_from(date(2028, 2, 28), 1) == date(2028, 2, 29)
    for day, days in ((date.max, 3_650), (date.min, -3_650)):
        assert at_clock(days_from(day, days), time(23), ZoneInfo(APIA))
