"""Triggers that no event starts: what they read, write, say, and select as “matches already”."""

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.already import InSegment, Nobody
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.references import KnownMessage, KnownSegment, References
from wagtail_flows.scenarios.validating import validate


NAMES = References(segments={key("vips"): KnownSegment("Very good friends")})


def graph(path="wait 1d", **fields) -> dict:
    return {**scenario(f"placed > {path}"), "triggers": [{"id": "t1", **fields}]}


def trigger(**fields):
    return parse(graph(**fields)).triggers[0]


@pytest.mark.parametrize(
    ("fields", "left_out", "told", "already"),
    [
        (
            {"kind": "segment_entered", "segment": key("vips")},
            {"reentry": "once"},
            "When somebody comes into the segment “Very good friends”, the first time only",
            InSegment(key("vips")),
        ),
        (
            {"kind": "manual"},
            {"reentry": "every_time"},
            "When somebody starts it by hand, or a program does, every time",
            Nobody(),
        ),
    ],
)
def test_each_is_read_written_and_told(fields, left_out, told, already):
    made = trigger(**fields)
    assert dump(parse(graph(**fields)))["triggers"] == [{"id": "t1", **fields, **left_out}]
    assert made.sentence(NAMES) == told
    assert made.already() == already
    assert not made.event_kinds()


def test_a_segment_must_be_named_and_exist():
    assert [one.field for one in read(graph(kind="segment_entered")).problems] == ["segment"]
    found = validate(parse(graph(kind="segment_entered", segment=key("vips"))), References())
    assert [(one.step, one.field, one.code) for one in found] == [("t1", "segment", "unknown_segment")]


def test_mail_for_subscribers_needs_a_list_where_no_event_names_one():
    known = References(messages={key("news"): KnownMessage("News", needs_list=True)})
    found = validate(parse(graph("send news", kind="manual")), known)
    assert [(one.step, one.code) for one in found] == [("send-1", "list_missing")]
