"""The next e-mail of people who are moved."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.forecasting import NextMail
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.plan import Inside, Plan
from wagtail_flows.scenarios.prospect import Group, Prospect
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.standing import Standing


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def moved(drawing: str, due_in: float) -> NextMail | None:
    """Of who waits since two days, and goes on in so many days, moved to the first step of the drawing."""
    graph = parse(scenario(drawing))
    at = Standing(1, 1, "old-1", 1, NOW + timedelta(days=due_in), NOW - timedelta(days=2), NOW - timedelta(days=2))
    prospect = Prospect(graph, (Group(at, "", None),), References(), NOW)
    return prospect.mail_under(Plan(Inside.MOVE, step_map={"old-1": graph.start}))


@pytest.mark.parametrize(("due_in", "at"), [(1, 1), (-1, 0)])
def test_who_is_moved_keeps_their_moment_also_where_it_is_over(due_in, at):
    assert moved("placed > wait 5d > send thanks", due_in) == NextMail(NOW + timedelta(days=at), key("thanks"), True)


@pytest.mark.parametrize("due_in", [1, -1])
def test_who_is_moved_to_a_wait_for_an_event_may_go_on_at_once(due_in):
    drawing = "placed > await paid 4d [happened: send thanks | timeout: exit]"
    assert moved(drawing, due_in) == NextMail(NOW, key("thanks"), False)
