"""When the next e-mail would go to somebody at a step."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.drawing import choosing, key, scenario
from wagtail_flows.scenarios.forecasting import NextMail, next_mail
from wagtail_flows.scenarios.graph import parse


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def days(count: float) -> datetime:
    return NOW + timedelta(days=count)


@pytest.mark.parametrize(
    ("drawing", "at", "is_certain"),
    [
        ("placed > send thanks", 0, True),
        ("placed > wait 2d > send thanks", 2, True),
        ("placed > wait 2d > wait 3d > send thanks", 5, True),
        ("placed > await paid 4d > send thanks", 0, False),
        ("placed > wait 2d > exit", None, None),
    ],
)
def test_the_first_e_mail_of_who_comes_in_now(drawing, at, is_certain):
    graph = parse(scenario(drawing))
    expected = None if at is None else NextMail(days(at), key("thanks"), is_certain)
    assert next_mail(graph, graph.start, NOW) == expected


def test_who_waits_already_goes_on_when_they_were_told_to():
    graph = parse(scenario("placed > wait 2d > wait 3d > send thanks"))
    found = next_mail(graph, "wait-1", NOW, entered_at=days(-9), waits_until=days(1))
    assert found == NextMail(days(4), key("thanks"), True)


def test_of_several_ways_the_earliest_counts_and_is_uncertain():
    step = {"kind": "random_split", "branches": [{"outlet": "a", "weight": 1}, {"outlet": "b", "weight": 1}]}
    graph = parse(choosing("placed", step, a="wait 2d > send thanks", b="wait 1d > send more"))
    found = next_mail(graph, graph.start, NOW)
    assert found is not None
    assert found.at in {days(1), days(2)}
    property_step = {"kind": "wait_until_property", "property": "birthday", "days": 0, "at": "09:00"}
    asked = parse(choosing("placed", property_step, next="wait 2d > send thanks", no_date="wait 1d > send more"))
    assert next_mail(asked, asked.start, NOW) == NextMail(days(1), key("more"), False)


def test_a_loop_ends():
    graph = parse(scenario("placed > wait 1d > goto wait-1"))
    assert next_mail(graph, graph.start, NOW) is None
