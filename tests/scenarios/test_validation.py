"""Each rule, drawn in a line."""

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.references import KnownEventKind, KnownMessage, References
from wagtail_flows.scenarios.validating import validate


ORDERS = {f"order.{name}": KnownEventKind(name, frozenset({"order"})) for name in ("placed", "cancelled")}
KNOWN = References(
    messages={
        key("thanks"): KnownMessage("Thank you"),
        key("news"): KnownMessage("News", needs_list=True),
        key("draft"): KnownMessage("Draft", is_live=False),
    },
    mailing_lists={key("club"): "The club"},
    event_kinds={**ORDERS, "list.subscribed": KnownEventKind("subscribed", frozenset({"list"}))},
)


def found(graph, known=KNOWN) -> list[tuple[str, str, str]]:
    return [(problem.step, problem.field, problem.code) for problem in validate(parse(graph), known)]


def rewired(drawing: str, **arrows: str):
    """The drawing with `next` of some steps led elsewhere ("" removes it)."""
    graph = scenario(drawing)
    for step in graph["steps"]:
        target = arrows.get(step["id"].replace("-", "_"))
        if target is not None:
            step["outlets"] = {"next": target} if target else {}
    return graph


@pytest.mark.parametrize(
    "drawing",
    [
        "placed > send thanks",
        "placed > wait 1d > send thanks > wait 10d after event > exit bought 30d ! cancelled",
        "placed, subscribed > wait 4h > send thanks",
        f"subscribed list={key('club')} > send news > wait 3d > send news",
        "placed > send news to club",
        "placed > exit",
    ],
)
def test_nothing_is_wrong_with_a_sound_scenario(drawing):
    assert found(scenario(drawing)) == []


def test_a_start_that_is_no_step():
    assert found({**scenario("placed > send thanks"), "start": "hello"}) == [("", "start", "no_start")]


def test_a_scenario_that_nothing_starts():
    assert found({**scenario("placed > send thanks"), "triggers": []}) == [("", "triggers", "no_trigger")]


def test_a_step_that_no_path_leads_to():
    graph = rewired("placed > wait 1d > send thanks > wait 2d", wait_1="wait-2")
    assert found(graph) == [("send-1", "", "unreachable")]


def test_an_outlet_that_is_not_wired():
    assert found(rewired("placed > wait 1d > exit", wait_1="")) == [
        ("exit-1", "", "unreachable"),
        ("wait-1", "outlets.next", "outlet_missing"),
    ]


def test_an_outlet_that_leads_to_nothing():
    graph = scenario("placed > send thanks")
    graph["steps"][0]["outlets"]["next"] = "gone"
    assert ("send-1", "outlets.next", "outlet_dangling") in found(graph)


def test_an_outlet_that_the_kind_of_step_lacks():
    graph = scenario("placed > send thanks")
    graph["steps"][0]["outlets"]["opened"] = "exit-1"
    assert found(graph) == [("send-1", "outlets.opened", "outlet_unknown")]


def test_a_loop_without_a_wait():
    graph = rewired("placed > wait 1d > send thanks > send thanks", send_2="send-1")
    assert [code for *_place, code in found(graph) if code == "loop_without_wait"] == ["loop_without_wait"] * 2


def test_a_loop_to_itself():
    graph = scenario("placed > send thanks > goto send-1")
    assert ("send-1", "", "loop_without_wait") in found(graph)


def test_a_loop_with_a_wait_that_nobody_gets_out_of():
    graph = scenario("placed > send thanks > wait 1d > goto send-1")
    assert found(graph) == [("send-1", "", "never_ends"), ("wait-1", "", "never_ends")]


def test_a_loop_with_a_wait_and_a_way_out_is_sound():
    graph = scenario("placed > send thanks > wait 1d > exit")
    graph["steps"][1]["outlets"] = {"next": "send-1", "late": "exit-1"}
    assert found(graph) == []


def test_a_wait_for_the_date_of_the_event_does_not_slow_a_loop():
    graph = scenario("placed > wait 10d after event > send thanks > exit")
    graph["steps"][0]["outlets"]["late"] = "exit-1"
    graph["steps"][1]["outlets"]["next"] = "wait-1"
    assert ("wait-1", "", "loop_without_wait") in found(graph)


@pytest.mark.parametrize(
    ("drawing", "problem"),
    [
        ("placed > send lost", ("send-1", "message", "unknown_message")),
        ("placed > send thanks to lost", ("send-1", "list", "unknown_list")),
        ("order.teleported > send thanks", ("t1", "event", "unknown_event")),
        ("placed list=lost > send thanks", ("t1", "where.list", "unknown_list")),
        ("placed > send thanks ! order.teleported", ("", "exits.0.event", "unknown_event")),
    ],
)
def test_what_is_named_must_exist(drawing, problem):
    assert found(scenario(drawing)) == [problem]


def test_a_message_that_is_not_published_is_a_warning():
    (problem,) = validate(parse(scenario("placed > send draft")), KNOWN)
    assert (problem.code, problem.is_warning) == ("message_not_live", True)


def test_mail_for_subscribers_needs_a_list():
    assert found(scenario("placed > send news")) == [("send-1", "list", "list_missing")]
    assert found(scenario("placed, subscribed > send news")) == [("send-1", "list", "list_missing")]


def test_a_thousand_steps_in_a_row_or_in_a_ring_are_judged_quickly():
    row = scenario("placed > " + " > ".join(["send thanks"] * 999))
    assert found(row) == []
    row["steps"].pop()
    row["steps"][-1]["outlets"] = {"next": "send-1"}
    assert {code for *_place, code in found(row)} == {"loop_without_wait", "never_ends"}


def test_every_problem_says_what_to_do_in_a_sentence():
    graph = rewired("order.gone > wait 1d > send lost to lost > send news", send_2="")
    for problem in validate(parse(graph), KNOWN):
        assert str(problem.text).endswith("."), problem
