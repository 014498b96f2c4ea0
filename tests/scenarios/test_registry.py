"""Kinds of step come from files and from other packages; what the documentation shows works."""

import json
import re

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.drawing import scenario
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.outcomes import Continue
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.registry import KindTaken, register_step, step_kinds, trigger_kinds
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.steps.wait import Wait
from wagtail_flows.scenarios.validating import validate


DOCS = Path(__file__).parents[2] / "docs"


def shown(page: str, language: str) -> str:
    """The first block of code in this language on a page of the documentation."""
    return re.search(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)[1]


@pytest.fixture
def weekend():
    """The step that the documentation makes."""
    names: dict = {"__name__": "acme.steps"}
    exec(shown("adding-a-step.md", "python"), names)  # noqa: S102 (our own page)
    register_step(names["Weekend"])
    yield names["Weekend"]
    del step_kinds()["acme_weekend"]


def with_weekend():
    graph = scenario("placed > wait 1d > exit")
    graph["steps"].append({"id": "look", "kind": "acme_weekend", "outlets": {"yes": "wait-1", "no": "exit-1"}})
    return {**graph, "start": "look"}


def test_the_kinds_that_come_with_the_package():
    choosing = {"condition", "split_by_data", "random_split"}
    waiting = {
        "wait",
        "wait_for_event",
        "wait_until_date",
        "wait_until_property",
        "wait_until_window",
        "wait_usual_hour",
    }
    acting = {"send_email", "update_property", "list_action", "call_webhook", "send_sms", "notify_staff"}
    assert of_the_package(step_kinds()) == {*choosing, *waiting, *acting, "goal", "jump", "exit"}
    happening = {"event", "list", "property_changed"}
    assert of_the_package(trigger_kinds()) == {*happening, "manual", "segment_entered", "date", "page_published"}


def of_the_package(kinds):
    """Other tests may have brought kinds of their own."""
    return {name for name, kind in kinds.items() if kind.__module__.startswith("wagtail_flows.")}


def test_a_step_of_another_package_is_read_decides_and_is_written_again(weekend):
    graph = parse(with_weekend())
    assert dump(graph) == with_weekend()
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    situation = Situation(now=saturday, entered_at=saturday, step_entered_at=saturday)
    assert graph.step("look").decide(situation) == Continue("yes")
    assert not {problem.code for problem in validate(graph, References())} - {"unknown_event"}


def test_without_its_package_the_step_is_a_problem():
    assert [problem.code for problem in read(with_weekend()).problems] == ["not_a_choice"]


def test_registering_the_same_class_again_changes_nothing(weekend):
    register_step(weekend)
    assert step_kinds()["acme_weekend"] is weekend


def test_two_classes_cannot_have_one_kind():
    class Mine(Wait):
        kind = "wait"

    with pytest.raises(KindTaken, match="“wait” is taken by Wait"):
        register_step(Mine)
    assert step_kinds()["wait"] is Wait


def test_the_graph_of_the_reference_page_is_read_and_given_back():
    graph = json.loads(shown("reference/graph.md", "json"))
    assert dump(parse(graph)) == graph
    assert not {problem.code for problem in validate(parse(graph), References())} - {"unknown_event", "unknown_message"}
