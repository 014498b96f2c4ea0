"""The step that changes a subscription: read, written, told, with its mistakes located."""

import pytest

from tests.drawing import choosing, key
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.scenarios.references import References


LIST = key("club")


def action(verb: str, **fields):
    return choosing("placed", {"kind": "list_action", "list": LIST, "action": verb, **fields}, next="exit")


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (action("subscribe"), "Ask to confirm a subscription to “The club”"),
        (action("subscribe", consent="Yes"), "Subscribe to “The club”, by a consent given elsewhere"),
        (action("subscribe_again"), "Ask to confirm a subscription to “The club”, also who unsubscribed"),
        (action("add"), "Add to “The club” without subscribing"),
        (action("unsubscribe"), "Unsubscribe from “The club”"),
        (action("remove"), "Remove from “The club”"),
    ],
)
def test_it_says_what_it_does_and_is_written_as_it_was_read(graph, words):
    assert not read(graph).problems
    assert dump(parse(graph)) == graph
    assert parse(graph).step("choose").sentence(References(mailing_lists={LIST: "The club"})) == words


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        (action("subscribed"), ("action", "not_a_choice")),
        (action("subscribe", list="club"), ("list", "not_a_key")),
        (action("subscribe", consent="  "), ("consent", "blank")),
        (action("subscribe", consent=True), ("consent", "not_text")),
        (action("subscribe", consent="x" * 1_001), ("consent", "not_text")),
        (action("subscribe_again", consent="Yes"), ("consent", "unknown_field")),
        (action("add", consent="Yes"), ("consent", "unknown_field")),
    ],
)
def test_what_is_wrong_is_located(graph, problem):
    assert [(one.field, one.code) for one in read(graph).problems] == [problem]


@pytest.mark.django_db
def test_a_list_that_does_not_exist_is_located():
    found = {(one.step, one.field, one.code) for one in problems_of(action("add"), {})}
    assert ("choose", "list", "unknown_list") in found
