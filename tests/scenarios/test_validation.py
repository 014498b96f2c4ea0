"""Each rule, drawn in a line."""

import importlib
import inspect
import pkgutil
import re

import pytest

from tests.drawing import choosing, key, scenario
from wagtail_flows.scenarios import validation
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.references import (
    KnownEventKind,
    KnownMessage,
    KnownProperty,
    KnownSegment,
    KnownText,
    KnownWebhook,
    References,
)
from wagtail_flows.scenarios.validating import validate


ORDERS = {
    f"order.{name}": KnownEventKind(name, frozenset({"order", "total"})) for name in ("placed", "paid", "cancelled")
}
KNOWN = References(
    messages={
        key("thanks"): KnownMessage("Thank you"),
        key("news"): KnownMessage("News", needs_list=True),
        key("review"): KnownMessage("Review", needs_customer=True),
        key("draft"): KnownMessage("Draft", is_live=False),
    },
    mailing_lists={key("club"): "The club"},
    event_kinds={
        **ORDERS,
        "list.subscribed": KnownEventKind("subscribed", frozenset({"list"})),
        "list.unsubscribed": KnownEventKind("unsubscribed", frozenset({"list"})),
        "forum.answered": KnownEventKind("answered"),
    },
    segments={key("gold"): KnownSegment("Gold"), key("broken"): KnownSegment("Broken", is_broken=True)},
    properties={
        "town": KnownProperty("Town", "text"),
        "score": KnownProperty("Score", "number"),
        "renewal": KnownProperty("Renewal", "date"),
        "vip": KnownProperty("VIP", "boolean"),
    },
    webhooks={key("hook"): KnownWebhook("Warehouse"), key("off"): KnownWebhook("Off", is_active=False)},
    groups={"Support": "Support"},
    staff={"ada@example.org": "ada@example.org"},
    texts={
        "{{ broken": KnownText("This can't be read: close it."),
        "{{ nobody.knows }}": KnownText("", ("nobody.knows",)),
    },
)
BY_HAND = {"id": "t1", "kind": "manual"}


def found(graph, known=KNOWN) -> list[tuple[str, str, str]]:
    return [(problem.step, problem.field, problem.code) for problem in validate(parse(graph), known)]


def started(drawing: str, *triggers):
    """The drawing with other triggers: those that can't be drawn."""
    made = [{"id": f"t{number}", **trigger} for number, trigger in enumerate(triggers, start=1)]
    return {**scenario(drawing), "triggers": made}


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
        "placed > data total=9 [nine: wait 1d > send thanks | else: exit]",
        "placed > wait 1d > ask [gold: send thanks > goto wait-1 | else: exit]",
        "placed > await paid 2d [happened: data total=9 [nine: send thanks | else: exit] | timeout: send thanks]",
        "placed > random [a: send thanks > jump send-3 | b: wait 1d > send thanks > send thanks]",
        "placed > until renewal -3 > set town Paris > add score 5 > copy score total > clear renewal > goal Yes ends",
        "placed total=9 > window 22:00 06:00 > date 2026-12-24 > send review ! paid total=9",
        "forum.answered stars=5 > wait 1d > send thanks ! forum.answered anyone stars=1",
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


@pytest.mark.parametrize(
    "drawing",
    [
        "placed > wait 7d > send thanks > goto wait-1 ! paid",
        "placed > wait 7d > send thanks > jump wait-1 ! paid",
        "placed > send thanks > await placed 30d > goto send-1 ! paid",
        "placed > random [a: wait 1d > goto random-1 | b: wait 2d > send thanks > goto wait-2] ! paid anyone",
        "subscribed > send news > wait 7d > goto send-1",
        "placed > send news to club > wait 7d > goto send-1",
    ],
)
def test_an_exit_rule_or_unsubscribing_lets_people_out_of_a_loop_with_a_wait(drawing):
    assert found(scenario(drawing)) == []


@pytest.mark.parametrize(
    ("drawing", "wait"),
    [
        ("placed > send thanks > wait 1d > goto send-1", "wait-1"),
        ("placed > wait 7d > jump wait-1", "wait-1"),
        ("placed > send thanks > await paid 7d > goto await-1", "await-1"),
        ("placed > ask [gold: wait 1d > goto wait-1 | else: exit]", "wait-1"),
        ("placed > send news to club > send thanks > wait 1d > goto send-1", "wait-1"),
    ],
)
def test_a_loop_with_a_wait_that_nobody_gets_out_of_is_a_warning(drawing, wait):
    (problem,) = validate(parse(scenario(drawing)), KNOWN)
    assert (problem.step, problem.field, problem.code, problem.is_warning) == (wait, "", "nobody_gets_out", True)


def test_only_a_loop_that_takes_time_counts_as_an_end():
    graph = scenario("placed > wait 1d > send thanks > goto send-1 ! paid")
    assert {("wait-1", "", "never_ends"), ("send-1", "", "never_ends")} <= set(found(graph))


def test_a_loop_with_a_wait_and_a_way_out_is_sound():
    assert found(scenario("placed > send thanks > wait 1d late 2h [next: goto send-1 | late: exit]")) == []


@pytest.mark.parametrize(
    "drawing",
    [
        "placed > ask [gold: goto ask-1 | else: exit]",
        "placed > ask [gold: jump ask-1 | else: exit]",
        "placed > window 09:00 18:00 > ask [gold: goto window-1 | else: exit]",
        "placed > date 2026-12-24 > ask [gold: goto date-1 | else: exit]",
    ],
)
def test_a_loop_through_what_may_be_over_at_once_needs_a_wait(drawing):
    assert "loop_without_wait" in {code for *_place, code in found(scenario(drawing))}


@pytest.mark.parametrize(
    "drawing",
    [
        "placed > wait 1d > ask [gold: goto wait-1 | else: exit]",
        "placed > wait 1d > ask [gold: jump wait-1 | else: exit]",
        "placed > await paid 1d [happened: goto await-1 | timeout: exit]",
    ],
)
def test_a_path_may_end_in_a_jump_back_through_a_wait(drawing):
    assert found(scenario(drawing)) == []


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
        ("subscribed list=lost > send thanks", ("t1", "where.list", "unknown_list")),
        ("placed > send thanks ! order.teleported", ("", "exits.0.event", "unknown_event")),
    ],
)
def test_what_is_named_must_exist(drawing, problem):
    assert found(scenario(drawing)) == [problem]


def test_a_message_must_be_published():
    assert found(scenario("placed > send draft")) == [("send-1", "message", "message_not_live")]


def test_mail_for_subscribers_needs_a_list():
    assert found(scenario("placed > send news")) == [("send-1", "list", "list_missing")]
    assert found(scenario("placed, subscribed > send news")) == [("send-1", "list", "list_missing")]


def test_the_list_that_somebody_left_is_none_to_write_to():
    assert found(scenario("unsubscribed > send news")) == [("send-1", "list", "list_missing")]
    assert found(scenario("subscribed, unsubscribed > send news")) == [("send-1", "list", "list_missing")]
    assert found(scenario("unsubscribed > send news to club")) == []
    assert found(scenario("unsubscribed > send thanks")) == []


@pytest.mark.parametrize(
    "trigger",
    [
        {"kind": "list"},
        {"kind": "event", "event": "list.subscribed", "reentry": "once"},
        {"kind": "manual"},
        {"kind": "date", "property": "renewal", "repeat": "yearly"},
    ],
)
def test_mail_for_customers_where_others_come_in_too_is_a_warning(trigger):
    graph = started("x > send review", {"kind": "event", "event": "order.placed", "reentry": "once"}, trigger)
    (problem,) = validate(parse(graph), KNOWN)
    assert (problem.step, problem.field, problem.code, problem.is_warning) == (
        "send-1",
        "message",
        "not_only_customers",
        True,
    )
    assert "“t2”" in problem.text


@pytest.mark.parametrize(("basis", "codes"), [("existing_customer", ["not_only_customers"]), ("transaction", [])])
def test_an_sms_for_customers_where_others_come_in_too_is_a_warning(basis, codes):
    sms = {"kind": "send_sms", "phone": "town", "basis": basis, "text": "Come back! STOP to 123"}
    for trigger, expected in [("placed", []), ("subscribed", codes), ("placed, subscribed", codes)]:
        problems = validate(parse(choosing(trigger, sms, next="exit")), KNOWN)
        assert [one.code for one in problems] == expected
        assert all((one.step, one.field, one.is_warning) == ("choose", "basis", True) for one in problems)
    audience = {"segment": key("gold")}
    assert found({**choosing("subscribed", sms, next="exit"), "audience": audience}) == []


def test_an_audience_or_a_condition_may_say_who_is_a_customer():
    assert found(started("x > ask [gold: send review | else: exit]", {"kind": "list"})) == []
    audience = {"segment": key("gold")}
    assert found({**started("x > send review", {"kind": "list"}), "audience": audience}) == []
    assert found(started("x > ask [gold: exit | else: exit]", {"kind": "list"})) == []


@pytest.mark.parametrize(
    ("drawing", "step"),
    [
        ("placed > wait 1d > data total=9 [nine: send thanks | else: exit]", "data-1"),
        ("placed > await paid 2d > data total=9 [nine: send thanks | else: exit]", "data-1"),
        ("placed > wait 1d > window 09:00 18:00 > data total=9 [nine: send thanks | else: exit]", "data-1"),
        ("placed > wait 1d > jump data-1", "data-1"),
        ("placed > data total=9 [nine: wait 1d > jump data-1 | else: exit]", "data-1"),
    ],
)
def test_a_wait_before_a_question_whose_answer_cannot_change_is_a_warning(drawing, step):
    graph = scenario(drawing)
    if "data-1" not in {one["id"] for one in graph["steps"]}:
        graph["steps"] += scenario("x > data total=9 [nine: exit | else: exit]")["steps"]
    problems = [one for one in validate(parse(graph), KNOWN) if one.code == "wait_in_vain"]
    assert [(one.step, one.is_warning) for one in problems] == [(step, True)]
    assert "Condition" in problems[0].text


@pytest.mark.parametrize(
    "drawing",
    [
        "placed > wait 1d > send thanks > data total=9 [nine: send thanks | else: exit]",
        "placed > wait 1d late 2h [next: data total=9 [nine: send thanks | else: exit] | late: exit]",
        "placed > wait 1d > random [a: send thanks | b: exit]",
    ],
)
def test_a_wait_that_has_its_own_sense_is_none(drawing):
    assert found(scenario(drawing)) == []


@pytest.mark.parametrize(
    ("drawing", "problem"),
    [
        ("placed totl=9 > exit", ("t1", "where", "data_not_told")),
        ("placed > exit ! cancelled why=late", ("", "exits.0.where", "data_not_told")),
        ("placed > data totl=9 [nine: send thanks | else: exit]", ("data-1", "branches.0.where", "data_not_told")),
        ("placed > copy town city > exit", ("copy-1", "field", "data_not_told")),
    ],
)
def test_data_that_such_events_do_not_tell_is_a_warning(drawing, problem):
    (one,) = validate(parse(scenario(drawing)), KNOWN)
    assert ((one.step, one.field, one.code), one.is_warning) == (problem, True)
    assert "order, total" in one.text


def test_data_of_a_kind_that_nobody_described_may_be_anything():
    assert found(scenario("placed, forum.answered > data stars=5 [five: send thanks | else: exit]")) == []


def test_where_no_event_starts_it_there_is_no_data_and_no_subject():
    drawing = (
        "x > data total=9 [nine: copy town city > await paid 1d | else: await paid 1d anyone] ! cancelled, paid anyone"
    )
    problems = validate(parse(started(drawing, BY_HAND)), KNOWN)
    assert {(one.step, one.field, one.code) for one in problems if one.is_warning} == {
        ("data-1", "branches", "no_data"),
        ("copy-1", "field", "no_data"),
        ("await-1", "same_subject", "no_subject"),
        ("", "exits.0.same_subject", "no_subject"),
    }


@pytest.mark.parametrize(
    ("drawing", "problem"),
    [
        ("placed > add score many", ("add-1", "value", "wrong_value")),
        ("placed > set renewal soon", ("set-1", "value", "wrong_value")),
        ("placed > set size 41", ("set-1", "property", "unknown_property")),
        ("placed > add town 5", ("add-1", "property", "wrong_type")),
        ("placed > until town", ("until-1", "property", "wrong_type")),
        ("placed > ask [silver: exit | else: exit]", ("ask-1", "branches.0.segment", "unknown_segment")),
        ("placed > ask [broken: exit | else: exit]", ("ask-1", "branches.0.segment", "segment_broken")),
    ],
)
def test_fields_fit_what_they_name(drawing, problem):
    assert found(scenario(drawing)) == [problem]


@pytest.mark.parametrize(
    ("name", "to", "fits"),
    [
        ("town", "Paris", True),
        ("score", 41, True),
        ("score", "41.00", True),
        ("score", "many", False),
        ("vip", True, True),
        ("vip", "yes", False),
        ("renewal", "2026-12-24", True),
        ("renewal", "2026-12-24T10:00", False),
    ],
)
def test_a_property_becomes_only_what_it_can_hold(name, to, fits):
    graph = started("x > send thanks", {"kind": "property_changed", "property": name, "to": to})
    assert found(graph) == ([] if fits else [("t1", "to", "wrong_value")])


def test_a_thousand_steps_in_a_row_or_in_a_ring_are_judged_quickly():
    row = scenario("placed > " + " > ".join(["send thanks"] * 999))
    assert found(row) == []
    row["steps"].pop()
    row["steps"][-1]["outlets"] = {"next": "send-1"}
    assert {code for *_place, code in found(row)} == {"loop_without_wait", "never_ends"}


def reaching(*steps: dict) -> dict:
    """A graph that begins with these steps of other channels, one after the other."""
    graph = scenario("placed > wait 1d > exit")
    names = [f"reach-{number}" for number in range(len(steps))]
    ways = zip(names, [*names[1:], "wait-1"], steps, strict=True)
    reached = [{"id": name, **fields, "outlets": {"next": following}} for name, following, fields in ways]
    return {**graph, "start": names[0], "steps": [*reached, *graph["steps"]]}


SMS = {"kind": "send_sms", "phone": "town", "basis": "transaction", "text": "Well"}
NOTICE = {"kind": "notify_staff", "groups": ["Support"], "subject": "Look", "text": "Now"}


@pytest.mark.parametrize(
    ("step", "code", "field", "is_warning"),
    [
        ({"kind": "call_webhook", "webhook": key("gone")}, "unknown_webhook", "webhook", False),
        ({"kind": "call_webhook", "webhook": key("off")}, "webhook_not_active", "webhook", False),
        ({"kind": "call_webhook", "webhook": key("hook"), "contact": ["email", "shoe"]}, "unknown_property",
         "contact.1", False),
        (SMS | {"phone": "score"}, "wrong_type", "phone", False),
        (SMS | {"text": "{{ broken"}, "liquid", "text", False),
        (SMS | {"text": "{{ nobody.knows }}"}, "unknown_variable", "text", True),
        (SMS | {"text": "Très ambigu: ê"}, "sms_alphabet", "text", True),
        (SMS | {"text": "a" * 161}, "sms_length", "text", True),
        (SMS | {"basis": "existing_customer"}, "no_way_out", "text", True),
        (SMS | {"basis": "subscription", "list": key("lost"), "text": "Sale, STOP to 123"}, "unknown_list", "list",
         False),
        (NOTICE | {"groups": ["Nobody"]}, "unknown_group", "groups.0", False),
        (NOTICE | {"addresses": ["x@example.org"]}, "unknown_staff", "addresses.0", False),
    ],
)  # fmt: skip
def test_what_other_channels_need_is_there(step, code, field, is_warning):
    (problem,) = (one for one in validate(parse(reaching(step)), KNOWN) if one.step == "reach-0")
    assert (problem.code, problem.field, problem.is_warning) == (code, field, is_warning)


def test_steps_of_other_channels_that_lack_nothing():
    webhook = {"kind": "call_webhook", "webhook": key("hook"), "contact": ["email", "town"], "data": {"a": "b"}}
    club = SMS | {"basis": "subscription", "list": key("club"), "text": "Sale! {{ links.unsubscribe }}"}
    people = NOTICE | {"addresses": ["Ada@example.org"]}
    graph = reaching(webhook, SMS, club, NOTICE, people)
    assert not [one for one in validate(parse(graph), KNOWN) if one.step.startswith("reach")]


HALVES = [{"outlet": name, "weight": 1} for name in "ab"]
WINNER = {"by": "goal", "sample": 100, "after": {"amount": 7, "unit": "days"}}
WON_BY_GOAL = {"kind": "random_split", "branches": HALVES, "winner": WINNER}

EVERYTHING_WRONG = [
    reaching({"kind": "call_webhook", "webhook": key("gone")}, SMS | {"text": "ê" * 99}, NOTICE | {"groups": ["X"]}),
    choosing("placed", WON_BY_GOAL, a="exit", b="exit"),
    rewired("order.gone > wait 1d > send lost to lost > send news", send_2=""),
    rewired("placed, subscribed > send thanks > send draft > send review > send news", send_1="gone"),
    {**scenario("placed > send thanks > goto send-1"), "start": "hello", "triggers": []},
    scenario("placed > wait 1d > goto wait-1"),
    scenario("placed > send thanks > goto send-1"),
    scenario("placed totl=1 > wait 1d > data totl=9 [nine: exit | else: set size 1] ! order.gone"),
    started("x > data total=9 [nine: add town 1 | else: add score many] ! cancelled", BY_HAND),
    started("x > ask [broken: exit | silver: exit | else: exit]", {"kind": "page_published", "below": 7}),
]


@pytest.mark.parametrize("graph", EVERYTHING_WRONG)
def test_every_problem_says_where_and_what_to_do_in_a_sentence(graph):
    problems = validate(parse(graph), KNOWN)
    assert problems
    for problem in problems:
        assert problem.step or problem.field, problem
        assert re.search(r": [a-z].*\.$", problem.text), problem.text


def test_every_rule_has_found_something_wrong_here():
    """A rule that is added gets its drawing."""
    told = {problem.code for graph in EVERYTHING_WRONG for problem in validate(parse(graph), KNOWN)}
    for rule in pkgutil.iter_modules(validation.__path__):
        module = importlib.import_module(f"{validation.__name__}.{rule.name}")
        codes = set(re.findall(r'"([a-z_]+)"', inspect.getsource(module)))
        assert codes & told or rule.name == "own_problems", rule.name
