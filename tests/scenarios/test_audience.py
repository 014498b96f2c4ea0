"""Who may be in a scenario at all: read, written, told, and refused where it can't be asked."""

import pytest

from tests.drawing import key, scenario
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.outline import outlined
from wagtail_flows.scenarios.publishing import problems_of
from wagtail_flows.segments.models import Segment


FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}


def graph(audience) -> dict:
    return {**scenario("placed > wait 1d"), "audience": audience}


@pytest.mark.parametrize("audience", [{"segment": key("vips"), "recheck": True}, {"rule": FRENCH, "recheck": False}])
def test_it_is_written_as_it_was_read(audience):
    assert dump(parse(graph(audience)))["audience"] == audience


def test_without_one_nothing_is_written():
    assert "audience" not in dump(parse(scenario("placed > wait 1d")))


@pytest.mark.parametrize(
    ("audience", "field", "code"),
    [
        ("french", "audience", "not_an_object"),
        ({}, "audience.rule", "missing"),
        ({"segment": "vips"}, "audience.segment", "not_a_key"),
        ({"segment": key("vips"), "rule": FRENCH}, "audience.rule", "two_questions"),
        ({"rule": []}, "audience.rule", "not_an_object"),
        ({"rule": FRENCH, "recheck": "yes"}, "audience.recheck", "not_a_flag"),
        ({"rule": FRENCH, "who": 1}, "audience.who", "unknown_field"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(audience, field, code):
    assert (field, code) in [(one.field, one.code) for one in read(graph(audience)).problems]


def test_a_segment_that_does_not_exist_and_a_rule_that_cannot_be_asked_are_problems(db):
    assert [one.code for one in problems_of(graph({"segment": key("vips")}), {})] == ["unknown_segment"]
    broken = {"match": "all", "rules": [{"field": "contact.shoes", "operator": "is", "value": "fr"}]}
    assert [(one.field, one.code) for one in problems_of(graph({"rule": broken}), {})] == [
        ("audience.rule.0.field", "unknown_field")
    ]


def test_it_stands_in_the_outline(db):
    segment = Segment.objects.create(name="Very good friends", rule=FRENCH)
    told = outlined(graph({"segment": str(segment.public_id), "recheck": True}))
    assert [line.text for line in told.audience] == [
        "Only people in the segment “Very good friends”; asked again before each e-mail"
    ]
