"""A property that changed, to anything or to one value."""

from datetime import UTC, datetime

import pytest

from tests.drawing import scenario
from wagtail_flows.scenarios.already import HasValue
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.references import KnownEventKind, KnownProperty, References
from wagtail_flows.scenarios.situation import EventSnapshot
from wagtail_flows.scenarios.validating import validate


NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
NAMES = References(properties={"tier": KnownProperty("Tier", "text")})


def graph(**fields) -> dict:
    trigger = {"id": "t1", "kind": "property_changed", "property": "tier", **fields}
    return {**scenario("placed > wait 1d"), "triggers": [trigger]}


def changed(new, kind="text", name="tier") -> EventSnapshot:
    data = {"property": name, "type": kind, "old": None, "new": new}
    return EventSnapshot("contact.property_changed", NOON, data, f"property:{name}", "7")


@pytest.mark.parametrize(
    ("to", "event", "starts"),
    [
        (None, changed("gold"), True),
        (None, changed(None), True),
        (None, changed("gold", name="size"), False),
        ("gold", changed("gold"), True),
        ("gold", changed("silver"), False),
        ("gold", changed(None), False),
        (41, changed("41.00", "number"), True),
        ("41", changed("41.00", "number"), True),
        ("x", changed(None, "number"), False),
        (True, changed(True, "boolean"), True),
        (True, changed(False, "boolean"), False),
        ("2026-05-01", changed("2026-05-01", "date"), True),
    ],
)
def test_it_starts_with_a_change_to_the_value(to, event, starts):
    made = parse(graph(**({} if to is None else {"to": to}))).triggers[0]
    assert made.matches(event) is starts
    assert made.already() == HasValue("tier", to)


def test_it_is_written_as_it_was_read_and_told():
    made = graph(to="gold", reentry="once")
    assert dump(parse(made))["triggers"] == made["triggers"]
    assert parse(made).triggers[0].sentence(NAMES) == "When “Tier” becomes “gold”, the first time only"
    assert parse(graph()).triggers[0].sentence(NAMES) == "When “Tier” changes, every time"


def test_what_is_wrong_is_told():
    assert [(one.field, one.code) for one in read(graph(to=["gold"])).problems] == [("to", "not_plain")]
    kinds = {"contact.property_changed": KnownEventKind("Changed", frozenset({"property"}))}
    found = validate(parse(graph()), References(event_kinds=kinds))
    assert [(one.step, one.field, one.code) for one in found] == [("t1", "property", "unknown_property")]
