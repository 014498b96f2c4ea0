"""What each wait means on the clocks of four zones: where clocks skip an hour or a day, show one twice, at the end of
the year and on 29 February. Every moment here is in UTC; the comments say what the clocks show.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.drawing import scenario
from wagtail_flows.scenarios.dates import days_later
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.outcomes import Continue, Finish, Wait, WaitForEvent
from wagtail_flows.scenarios.reentry import NotSoonerThan, Past, entry_key
from wagtail_flows.scenarios.situation import EventSnapshot, Situation


PARIS, NEW_YORK, KATHMANDU, APIA = "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def decided(step: str, zone: str, came: str, **changes) -> object:
    """What the first step of this drawing decides about who comes now."""
    graph = parse(scenario(f"placed > {step}"))
    now = utc(came)
    situation = {"now": now, "entered_at": now, "step_entered_at": now, "zone": ZoneInfo(zone), **changes}
    return graph.step(graph.start).decide(Situation(**situation))


# (days to wait, zone, moment of coming, moment of going on)
DAYS = [
    (1, PARIS, "2026-03-28 01:30", "2026-03-29 01:30"),  # 2:30 is skipped: 3:30 +02
    (2, PARIS, "2026-03-28 01:30", "2026-03-30 00:30"),  # and is 2:30 again a day later, +02
    (1, PARIS, "2026-10-24 00:30", "2026-10-25 00:30"),  # 2:30 comes twice: the first, +02
    (1, PARIS, "2026-10-25 00:30", "2026-10-26 01:30"),  # from the first 2:30: 25 hours
    (1, PARIS, "2026-10-25 01:30", "2026-10-26 01:30"),  # from the second 2:30: 24 hours
    (1, NEW_YORK, "2026-03-07 07:30", "2026-03-08 07:30"),  # 2:30 is skipped: 3:30 -04
    (1, NEW_YORK, "2026-10-31 05:30", "2026-11-01 05:30"),  # 1:30 comes twice: the first, -04
    (1, NEW_YORK, "2026-12-31 20:00", "2027-01-01 20:00"),  # 15:00 on New Year's Eve
    (1, NEW_YORK, "2027-01-01 04:59", "2027-01-02 04:59"),  # 23:59 on New Year's Eve: 23:59 on New Year's Day
    (1, KATHMANDU, "2026-12-31 18:10", "2027-01-01 18:10"),  # 23:55 on New Year's Eve, without summer time
    (1, KATHMANDU, "2028-02-28 06:15", "2028-02-29 06:15"),  # noon: into 29 February
    (1, KATHMANDU, "2027-02-28 06:15", "2027-03-01 06:15"),  # and past it where there is none
    (365, KATHMANDU, "2028-02-29 06:15", "2029-02-28 06:15"),
    (1, APIA, "2011-12-28 19:00", "2011-12-29 19:00"),  # Wednesday 9:00 -10
    (1, APIA, "2011-12-29 19:00", "2011-12-30 19:00"),  # Thursday 9:00: Friday never came, Saturday 9:00 +14
    (2, APIA, "2011-12-29 19:00", "2011-12-30 19:00"),  # Saturday 9:00 too
    (3, APIA, "2011-12-29 19:00", "2011-12-31 19:00"),  # Sunday
]


@pytest.mark.parametrize(("days", "zone", "came", "expected"), DAYS)
def test_days_are_those_of_the_calendar_wherever_days_are_counted(days, zone, came, expected):
    assert decided(f"wait {days}d", zone, came) == Wait(utc(expected))
    event = EventSnapshot("order.placed", utc(came))
    since_event = decided(f"wait {days}d after event", zone, "2011-01-01 00:00", event=event)
    assert since_event == Wait(utc(expected))
    awaiting = decided(f"await paid {days}d", zone, came)
    assert isinstance(awaiting, WaitForEvent)
    assert awaiting.until == utc(expected)
    left = decided(f"exit done {days}d", zone, came)
    assert left == Finish("done", utc(expected))
    assert days_later(utc(came), days, ZoneInfo(zone)) == utc(expected)
    past = Past(utc(expected), 7, utc(came), zone=ZoneInfo(zone))
    assert entry_key(NotSoonerThan(days), "", "", past) == "after:7"


@pytest.mark.parametrize("zone", [PARIS, NEW_YORK, KATHMANDU, APIA])
@pytest.mark.parametrize("came", ["2026-03-28 12:00", "2026-10-24 12:00", "2011-12-29 12:00", "2028-02-28 23:59"])
def test_hours_and_minutes_are_exact_whatever_the_clocks_do(zone, came):
    later = utc(came).timestamp() + 86_400
    expected = Wait(datetime.fromtimestamp(later, UTC))
    assert decided("wait 24h", zone, came) == decided("wait 1440m", zone, came) == expected


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        ("2026-03-29", "02:30", PARIS, "2026-03-29 01:30"),  # skipped: 3:30 +02
        ("2026-10-25", "02:30", PARIS, "2026-10-25 00:30"),  # the first of two
        ("2026-03-08", "02:30", NEW_YORK, "2026-03-08 07:30"),
        ("2026-11-01", "01:30", NEW_YORK, "2026-11-01 05:30"),
        ("2026-12-31", "23:59", NEW_YORK, "2027-01-01 04:59"),
        ("2027-01-01", "00:00", KATHMANDU, "2026-12-31 18:15"),
        ("2028-02-29", "12:00", KATHMANDU, "2028-02-29 06:15"),
        ("2011-12-29", "23:59", APIA, "2011-12-30 09:59"),
        ("2011-12-30", "00:00", APIA, "2011-12-30 10:00"),  # the day that never came: as the next one begins
        ("2011-12-30", "09:00", APIA, "2011-12-30 19:00"),
        ("2011-12-31", "00:00", APIA, "2011-12-30 10:00"),
    ],
)
def test_a_date_is_one_on_the_clock_of_the_contact(day, at, zone, expected):
    fixed, of_contact = f"date {day}", "until renewal"
    for step, answers in ((fixed, {}), (of_contact, {"property": day})):
        graph = scenario(f"placed > {step}")
        graph["steps"][0]["at"] = at
        made = parse(graph)
        before = utc("2011-01-01 00:00")
        situation = Situation(before, before, before, zone=ZoneInfo(zone), answers=answers)
        outcome = made.step(made.start).decide(situation)
        assert isinstance(outcome, Wait)
        assert outcome.until == utc(expected)


@pytest.mark.parametrize(
    ("known", "days", "zone", "expected"),
    [
        ("2026-04-01", -3, PARIS, "2026-03-29 07:00"),  # 9:00 on the day that summer time begins, +02
        ("2026-03-28", 1, PARIS, "2026-03-29 07:00"),
        ("2026-10-22", 3, PARIS, "2026-10-25 08:00"),  # and on the one that it ends, +01
        ("2027-01-02", -3, NEW_YORK, "2026-12-30 14:00"),  # into the year before
        ("2026-12-30", 3, NEW_YORK, "2027-01-02 14:00"),
        ("2028-03-01", -1, KATHMANDU, "2028-02-29 03:15"),
        ("2027-03-01", -1, KATHMANDU, "2027-02-28 03:15"),
        ("2028-02-29", 365, KATHMANDU, "2029-02-28 03:15"),
        ("2011-12-29", 1, APIA, "2011-12-30 19:00"),  # the day that never came: Saturday 9:00 +14
        ("2012-01-01", -2, APIA, "2011-12-30 19:00"),
        ("2012-01-01", -3, APIA, "2011-12-29 19:00"),  # Thursday 9:00 -10
    ],
)
def test_days_before_and_after_a_date_of_the_contact(known, days, zone, expected):
    came = "2011-01-01 00:00"
    outcome = decided(f"until renewal {days}", zone, came, answers={"property": known})
    assert outcome == Wait(utc(expected), hangs_on="renewal")
    there = {"answers": {"property": known}}
    assert decided(f"until renewal {days}", zone, expected, **there) == Continue("next")


@pytest.mark.parametrize(
    ("zone", "came", "expected"),
    [
        (PARIS, "2026-03-28 22:00", None),  # 23:00
        (PARIS, "2026-03-29 03:59", None),  # 5:59 +02: the night is an hour shorter
        (PARIS, "2026-03-29 04:00", "2026-03-29 20:00"),
        (PARIS, "2026-10-25 04:59", None),  # 5:59 +01: and an hour longer
        (NEW_YORK, "2026-12-31 17:00", "2027-01-01 03:00"),  # noon: 22:00 on New Year's Eve
        (NEW_YORK, "2027-01-01 10:59", None),
        (KATHMANDU, "2028-02-28 18:14", None),  # 23:59, and midnight begins 29 February
        (KATHMANDU, "2028-02-28 18:15", None),
        (KATHMANDU, "2028-02-29 00:15", "2028-02-29 16:15"),
        (APIA, "2011-12-30 09:59", None),  # Thursday 23:59
        (APIA, "2011-12-30 10:00", "2011-12-31 08:00"),  # Saturday 0:00: the night of the day left out never was
        (APIA, "2011-12-30 16:00", "2011-12-31 08:00"),  # Saturday 6:00
    ],
)
def test_a_window_across_midnight(zone, came, expected):
    outcome = decided("window 22:00 06:00", zone, came)
    assert outcome == (Continue("next") if expected is None else Wait(utc(expected)))
