"""Which events start a scenario, how often, and which take people out."""

from datetime import UTC, datetime

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.reentry import Past
from wagtail_flows.scenarios.situation import EventSnapshot


NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


def trigger(drawing: str):
    return parse(scenario(f"{drawing} > wait 1d")).triggers[0]


def exit_rule(drawing: str):
    return parse(scenario(f"placed > wait 1d ! {drawing}")).exits[0]


def event(kind: str = "order.placed", subject: str = "order:1", number: str = "7", **data) -> EventSnapshot:
    return EventSnapshot(kind, NOON, data, subject, number)


def test_it_starts_with_events_of_its_kind_only():
    assert trigger("placed").matches(event())
    assert not trigger("placed").matches(event("order.paid"))
    assert trigger("placed").event_kinds() == {"order.placed"}


def test_a_filter_wants_every_field_to_be_equal():
    filtered = trigger(f"subscribed list={key('club')}")
    assert filtered.matches(event("list.subscribed", list=key("club"), more=1))
    assert not filtered.matches(event("list.subscribed", list=key("news")))
    assert not filtered.matches(event("list.subscribed"))


@pytest.mark.parametrize(
    ("wanted", "given", "is_equal"),
    [(True, 1, False), (1, True, False), (0, False, False), (None, None, True), (2, 2.0, True), ("2", 2, False)],
)
def test_a_filter_tells_flags_from_numbers(wanted, given, is_equal):
    graph = scenario("refunded > wait 1d")
    graph["triggers"][0]["where"] = {"is_full": wanted}
    assert parse(graph).triggers[0].matches(event("order.refunded", is_full=given)) is is_equal


def test_a_filter_on_nothing_wants_the_field_to_be_there():
    graph = scenario("refunded > wait 1d")
    graph["triggers"][0]["where"] = {"note": None}
    assert not parse(graph).triggers[0].matches(event("order.refunded"))


@pytest.mark.parametrize(
    ("reentry", "entry_key"),
    [("once", "once"), ("once_per_subject", "order:1"), ("every_time", "event:7")],
)
def test_the_entry_key_says_how_often_one_may_enter(reentry, entry_key):
    assert trigger(f"placed {reentry}").entry_key(event(), Past(NOON)) == entry_key


def test_events_about_nothing_count_as_about_one_subject():
    assert trigger("placed once_per_subject").entry_key(event(subject=""), Past(NOON)) == "once"


def test_an_exit_rule_takes_out_who_is_there_for_the_same_subject():
    rule = exit_rule("cancelled")
    assert rule.matches(event("order.cancelled"), subject="order:1")
    assert not rule.matches(event("order.cancelled"), subject="order:2")
    assert not rule.matches(event("order.paid"), subject="order:1")
    assert rule.reason == "order.cancelled"


def test_an_exit_rule_for_any_subject_takes_everyone_out():
    assert exit_rule("cancelled anyone").matches(event("order.cancelled"), subject="order:2")


def test_an_exit_rule_may_filter_too():
    rule = exit_rule(f"unsubscribed anyone list={key('club')}")
    assert rule.matches(event("list.unsubscribed", list=key("club")), subject="order:2")
    assert not rule.matches(event("list.unsubscribed", list=key("news")), subject="order:2")
