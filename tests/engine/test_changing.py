"""Steps that change a property: set-wise, seen by the next step, told as an event, and never round in circles."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.drawing import choosing, scenario
from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.engine import enrolling
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.publishing import problems_of


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def properties() -> None:
    for name, kind in (("level", "text"), ("points", "number"), ("vip", "boolean"), ("renewal", "date")):
        Property.objects.create(name=name, label=name.title(), type=kind)


def updating(name: str, change: str, **fields):
    return choosing("placed", {"kind": "update_property", "property": name, "change": change, **fields}, next="exit")


def value(contact, name: str):
    found = ContactProperty.objects.filter(contact=contact, property__name=name).first()
    return found and found.value


def placed(story, graph, **data):
    story.publish_graph(graph)
    alice = story.contact()
    story.happens("order.placed", alice, data=data)
    story.run()
    return alice


@pytest.mark.parametrize(
    ("graph", "name", "expected"),
    [
        (updating("level", "set", value="gold"), "level", "gold"),
        (updating("points", "set", value="10.50"), "points", Decimal("10.50")),
        (updating("points", "add", value=5), "points", Decimal(5)),
        (updating("vip", "set", value=True), "vip", True),
        (updating("renewal", "set", value="2027-02-28"), "renewal", date(2027, 2, 28)),
        (updating("points", "copy", field="total"), "points", Decimal("99.90")),
        (updating("renewal", "copy", field="at"), "renewal", date(2026, 5, 1)),
    ],
)
def test_a_property_is_set_added_to_or_copied(story, graph, name, expected):
    alice = placed(story, graph, total="99.90", at="2026-05-01T10:00:00Z")
    assert value(alice, name) == expected


def test_adding_adds_and_clearing_clears_and_each_is_told(story):
    graph = updating("points", "add", value="2")
    graph["steps"][0]["outlets"]["next"] = "again"
    more = {"id": "again", "kind": "update_property", "property": "points", "change": "add", "value": "3"}
    gone = {"id": "gone", "kind": "update_property", "property": "points", "change": "clear"}
    graph["steps"] += [{**more, "outlets": {"next": "gone"}}, {**gone, "outlets": {"next": "next-exit-1"}}]
    alice = placed(story, graph)
    assert value(alice, "points") is None
    told = Event.objects.filter(kind="contact.property_changed").order_by("pk")
    assert [(one.data["old"], one.data["new"], one.depth) for one in told] == [
        (None, "2", 1),
        ("2", "5", 1),
        ("5", None, 1),
    ]
    assert [one.cause.step for one in told] == ["choose", "again", "gone"]


@pytest.mark.parametrize("data", [{}, {"total": "much"}])
def test_what_is_not_there_or_does_not_fit_changes_nothing_and_is_seen(story, data):
    alice = placed(story, updating("points", "copy", field="total"), **data)
    assert value(alice, "points") is None
    assert Visit.objects.get(step="choose").seen["not_changed"] == data.get("total")
    assert Enrollment.objects.get().status == "ended"


def test_setting_the_same_value_again_is_no_event(story):
    graph = updating("level", "set", value="gold")
    alice = placed(story, graph)
    story.happens("order.placed", alice, "order:2")
    story.run()
    assert Event.objects.filter(kind="contact.property_changed").count() == 1


def test_the_next_step_sees_what_was_changed(story):
    rule = {"match": "all", "rules": [{"field": "property.level", "operator": "is", "value": "gold"}]}
    graph = updating("level", "set", value="gold")
    graph["steps"][0]["outlets"]["next"] = "ask"
    asked = [{"outlet": "gold", "rule": rule}]
    ways = {"gold": "next-exit-1", "else": "other"}
    graph["steps"].append({"id": "ask", "kind": "condition", "branches": asked, "outlets": ways})
    graph["steps"].append({"id": "other", "kind": "exit", "reason": "other", "reenter": "at_once"})
    placed(story, graph)
    assert Enrollment.objects.get().exit_reason == "done"


def test_an_enrollment_that_wakes_itself_is_parked_at_the_tenth(story):
    graph = scenario("placed > wait 1d > exit")
    wait = {"kind": "wait_for_event", "event": "contact.property_changed", "same_subject": False}
    graph["steps"] += [
        {"id": "add", "kind": "update_property", "property": "points", "change": "add", "value": 1},
        {"id": "listen", **wait, "timeout": {"amount": 1, "unit": "days"}},
    ]
    graph["steps"][-2]["outlets"] = {"next": "listen"}
    graph["steps"][-1]["outlets"] = {"happened": "add", "timeout": "wait-1"}
    alice = placed(story, {**graph, "start": "add"})
    stuck = Enrollment.objects.get()
    assert (stuck.status, stuck.step, stuck.depth) == ("parked", "listen", 10)
    assert "circle" in stuck.error
    assert value(alice, "points") == Decimal(10)


def test_the_queries_do_not_follow_the_number_of_contacts(story):
    story.publish_graph(updating("level", "copy", field="level"))
    counts = []
    for people in (range(3), range(3, 40)):
        for number in people:
            story.happens("order.placed", story.contact(f"p{number}"), f"order:{number}", data={"level": f"l{number}"})
        counts.append(story.queries_of_advancing())
        with clock.moved(story.now):
            enrolling.match_events(story.now)
    assert ContactProperty.objects.count() == 40
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        (updating("points", "set", value="many"), ("value", "wrong_value")),
        (updating("level", "add", value=1), ("property", "wrong_type")),
        (updating("shoe", "clear"), ("property", "unknown_property")),
        (updating("level", "set"), ("value", "missing")),
        (updating("level", "copy"), ("field", "missing")),
        (updating("level", "double"), ("change", "not_a_choice")),
        (updating("level", "set", value=["gold"]), ("value", "not_plain")),
        (updating("level", "clear", value="x"), ("value", "unknown_field")),
    ],
)
def test_what_is_wrong_is_located(graph, problem):
    assert problem in {(one.field, one.code) for one in problems_of(graph, {}) if one.step == "choose"}


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (updating("level", "set", value="gold"), "Set “level” to “gold”"),
        (updating("points", "add", value="5"), "Add 5 to “points”"),
        (updating("level", "clear"), "Clear “level”"),
        (updating("level", "copy", field="tier"), "Set “level” to “tier” of the event"),
    ],
)
def test_it_says_what_it_does_and_is_written_as_it_was_read(graph, words):
    from wagtail_flows.scenarios.references import References  # noqa: PLC0415

    assert not read(graph).problems
    assert dump(parse(graph)) == graph
    assert parse(graph).step("choose").sentence(References()) == words
