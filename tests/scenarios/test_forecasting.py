"""When the next e-mail would go to somebody at a step."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.forecasting import NextMail, next_mail
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.outcomes import Send
from wagtail_flows.scenarios.step import Step


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


def test_who_waits_for_an_event_may_go_on_at_once_and_else_when_the_time_is_over():
    assert standing("await paid 4d [happened: send thanks | timeout: exit]") == NextMail(NOW, key("thanks"), False)
    assert standing("await paid 4d [happened: send thanks | timeout: send more]") == NextMail(NOW, key("thanks"), False)
    assert standing("await paid 4d [happened: exit | timeout: send more]") == NextMail(days(3), key("more"), False)
    assert standing("await paid 4d [happened: wait 5d > send thanks | timeout: send more]").at == days(3)
    assert standing("await paid 4d [happened: exit | timeout: exit]") is None


def test_when_their_time_is_over_it_may_have_happened_all_the_same():
    drawing = "await paid 4d [happened: send thanks | timeout: exit]"
    assert standing(drawing, waits_until=days(-0.5)) == NextMail(NOW, key("thanks"), False)
    drawing = "await paid 4d [happened: exit | timeout: send more]"
    assert standing(drawing, waits_until=days(-0.5)) == NextMail(NOW, key("more"), False)


def standing(path, waits_until=None):
    """The next e-mail of who came to the first step a day ago and waits for three days more."""
    graph = parse(scenario(f"placed > {path}"))
    return next_mail(graph, graph.start, NOW, entered_at=days(-1), waits_until=waits_until or days(3))


@pytest.mark.parametrize("step", ["random [{}: {} | {}: {}]", "data town=Paris [{}: {} | {}: {}]"])
@pytest.mark.parametrize(
    ("one", "other", "at", "message"),
    [
        ("exit", "send more", 0, "more"),
        ("send thanks", "exit", 0, "thanks"),
        ("wait 2d > send thanks", "wait 1d > send more", 1, "more"),
        ("wait 1d > send thanks", "wait 2d > send more", 1, "thanks"),
    ],
)
def test_of_ways_that_nobody_knows_the_earliest_e_mail_counts_and_is_uncertain(step, one, other, at, message):
    outlets = ("a", "b") if step.startswith("random") else ("paris", "else")
    graph = parse(scenario("placed > " + step.format(outlets[0], one, outlets[1], other)))
    assert next_mail(graph, graph.start, NOW) == NextMail(days(at), key(message), False)
    waiting = next_mail(graph, graph.start, NOW, entered_at=NOW, waits_until=days(5))
    assert waiting == NextMail(days(5 + at), key(message), False), "moved here, they keep their moment"


def test_of_who_asks_the_contact_the_earliest_e_mail_counts_and_is_uncertain():
    graph = parse(scenario("placed > until birthday [next: wait 2d > send thanks | no_date: wait 1d > send more]"))
    assert next_mail(graph, graph.start, NOW) == NextMail(days(1), key("more"), False)


def test_how_long_ago_the_event_was_is_uncertain_until_the_moment_is_settled():
    graph = parse(scenario("placed > wait 3d after event > wait 1d > send thanks"))
    assert next_mail(graph, graph.start, NOW) == NextMail(days(1), key("thanks"), False)
    settled = next_mail(graph, graph.start, NOW, entered_at=days(-1), waits_until=days(2))
    assert settled == NextMail(days(3), key("thanks"), True)


@dataclass(frozen=True, kw_only=True)
class Greet(Step):
    """A kind of somebody else, which doesn't say that it isn't personal."""

    kind: ClassVar[str] = "greet"

    @classmethod
    def read(cls, fields, *, id, outlets):  # noqa: A002
        return cls(id=id, outlets=outlets)

    def write(self):
        return {}

    def decide(self, situation):
        return Send(key("hello"))

    def sentence(self, names):
        return "Greet"


def test_what_a_personal_step_would_send_itself_is_told_as_uncertain():
    graph = parse(scenario("placed > wait 1d > send thanks"))
    greeting = replace(graph, steps=(Greet(id="wait-1", outlets={"next": "send-1"}), *graph.steps[1:]))
    assert next_mail(greeting, "wait-1", NOW) == NextMail(NOW, key("hello"), False)


def test_a_loop_ends():
    graph = parse(scenario("placed > wait 1d > goto wait-1"))
    assert next_mail(graph, graph.start, NOW) is None
