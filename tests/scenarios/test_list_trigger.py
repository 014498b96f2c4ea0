"""A subscription to one list, to several, or to any."""

from datetime import UTC, datetime

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.already import Subscribed
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.references import KnownEventKind, KnownMessage, References
from wagtail_flows.scenarios.situation import EventSnapshot
from wagtail_flows.scenarios.validating import validate


NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


def graph(drawing="placed > wait 1d", **fields) -> dict:
    return {**scenario(drawing), "triggers": [{"id": "t1", "kind": "list", **fields}]}


def trigger(*lists: str, **fields):
    return parse(graph(lists=[key(name) for name in lists], **fields)).triggers[0]


def subscribed(name: str, kind: str = "list.subscribed") -> EventSnapshot:
    return EventSnapshot(kind, NOON, {"list": key(name)}, f"list:{key(name)}", "7")


@pytest.mark.parametrize(
    ("lists", "starts"), [((), True), (("club",), True), (("news", "club"), True), (("news",), False)]
)
def test_it_starts_with_a_subscription_to_one_of_its_lists(lists, starts):
    assert trigger(*lists).matches(subscribed("club")) is starts
    assert not trigger(*lists).matches(subscribed("club", "list.unsubscribed"))


def test_left_out_it_is_any_list_once_for_each():
    written = dump(parse(graph()))["triggers"][0]
    assert written == {"id": "t1", "kind": "list", "lists": [], "reentry": "once_per_subject"}


def test_who_is_subscribed_already_matches_already():
    assert trigger("club").already() == Subscribed((key("club"),))


def test_what_is_no_identifier_is_told():
    found = read(graph(lists=["club", key("club"), 7])).problems
    assert [(one.field, one.code) for one in found] == [("lists.0", "not_a_key"), ("lists.2", "not_a_key")]


def test_lists_are_named_in_words_and_as_references():
    names = References(mailing_lists={key("club"): "The club"})
    assert trigger("club").sentence(names) == "When somebody subscribes to “The club”, once for each subject"
    assert trigger(reentry="once").sentence(names) == "When somebody subscribes to any list, the first time only"
    assert [one.key for one in trigger("club", "news").references()] == [key("club"), key("news")]


def test_mail_for_subscribers_needs_no_list_of_its_own():
    known = References(
        messages={key("news"): KnownMessage("News", needs_list=True)},
        event_kinds={"list.subscribed": KnownEventKind("Subscribed", frozenset({"list"}))},
    )
    assert not validate(parse(graph("placed > send news")), known)
