"""Two graphs are compared in words."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils import translation

from tests.drawing import key, scenario
from wagtail_flows.scenarios.comparing import Change, Kind, Part, compare
from wagtail_flows.scenarios.graph import Graph, parse
from wagtail_flows.scenarios.outcomes import Continue
from wagtail_flows.scenarios.references import KnownMessage, References
from wagtail_flows.scenarios.step import Step


NAMES = References(
    messages={key("thanks"): KnownMessage("Thanks"), key("news"): KnownMessage("News")},
    mailing_lists={key("club"): "The club"},
)


def told(before: str | dict, after: str | dict) -> list[str]:
    graphs = [parse(scenario(drawn) if isinstance(drawn, str) else drawn) for drawn in (before, after)]
    return [change.text for change in compare(*graphs, NAMES)]


def graph(drawing: str, **changes) -> dict:
    return {**scenario(drawing), **changes}


def with_step(drawing: str, identifier: str, **fields) -> dict:
    drawn = scenario(drawing)
    drawn["steps"] = [{**step, **fields} if step["id"] == identifier else step for step in drawn["steps"]]
    return drawn


def test_nothing_differs_between_a_graph_and_itself():
    drawn = "placed > wait 3d > send thanks to club ! cancelled"
    assert told(drawn, drawn) == []


def test_the_order_in_which_steps_are_written_means_nothing():
    drawn = scenario("placed > wait 3d > send thanks")
    assert told(drawn, {**drawn, "steps": drawn["steps"][::-1]}) == []


def test_a_changed_step_says_what_it_said_and_what_it_says():
    assert told("placed > wait 3d > send thanks", "placed > wait 5d > send thanks") == [
        "“Wait 3 days” became “Wait 5 days”"
    ]


def test_a_step_of_another_kind_is_a_changed_step():
    other = with_step("placed > wait 3d > send thanks", "wait-1")
    other["steps"][0] = {"id": "wait-1", "kind": "jump", "outlets": {"next": "send-1"}}
    assert told("placed > wait 3d > send thanks", other) == ["“Wait 3 days” became “Jump to step send-1”"]


def test_a_step_put_between_is_new_and_the_arrow_leads_to_it():
    assert told("placed > send thanks", "placed > send thanks > wait 1d") == [
        "New: “Wait 1 day” (wait-1)",
        "“Send ‘Thanks’” (send-1): “next” leads to “Wait 1 day” (wait-1) instead of “Leave (done)” (exit-1)",
    ]


def test_a_removed_step_is_gone_and_so_is_what_led_to_it():
    assert told("placed > send thanks > wait 1d", "placed > send thanks") == [
        "Gone: “Wait 1 day” (wait-1)",
        "“Send ‘Thanks’” (send-1): “next” leads to “Leave (done)” (exit-1) instead of “Wait 1 day” (wait-1)",
    ]


def test_another_start_is_told():
    assert told("placed > wait 1d > send thanks", graph("placed > wait 1d > send thanks", start="send-1")) == [
        "It begins with “Send ‘Thanks’” (send-1) instead of “Wait 1 day” (wait-1)"
    ]


def test_a_step_that_is_only_called_otherwise_is_renamed_and_its_arrows_are_no_difference():
    drawn = scenario("placed > wait 1d > send thanks")
    drawn["steps"][0]["id"] = drawn["start"] = "a-day"
    assert told("placed > wait 1d > send thanks", drawn) == ["“Wait 1 day” (wait-1) is now called a-day"]


def test_a_thousand_renamed_steps_are_compared_at_once():
    def jumps(prefix: str) -> dict:
        steps = [
            {"id": f"{prefix}{number}", "kind": "goal", "name": f"g{number}", "ends": True} for number in range(1000)
        ]
        return {**scenario("placed > exit"), "start": f"{prefix}0", "steps": steps}

    changes = told(jumps("a"), jumps("b"))
    assert len(changes) == 1000
    assert changes[0].endswith("is now called b0")


def test_two_steps_alike_are_not_guessed_to_be_renamed():
    before = scenario("placed > wait 1d > wait 1d > send thanks")
    after = scenario("placed > wait 1d > wait 1d > send thanks")
    after["steps"][0]["id"], after["steps"][1]["id"], after["start"] = "a", "b", "a"
    after["steps"][0]["outlets"] = {"next": "b"}
    assert {text.partition(":")[0] for text in told(before, after)} >= {"New", "Gone"}


def test_outlets_that_come_and_go_are_told():
    late = with_step("placed > wait 3d late 48h", "wait-1", outlets={"next": "exit-1", "late": "exit-1"})
    plain = "placed > wait 3d late 48h"
    (come,), (gone,) = told(plain, late), told(late, plain)
    assert come.endswith("(wait-1): “late” leads to “Leave (done)” (exit-1)")
    assert gone.endswith("(wait-1): “late” is gone; it led to “Leave (done)” (exit-1)")


def test_triggers_audience_and_exits_are_compared_too():
    audience = {"segment": key("gold"), "recheck": False}
    assert told("placed > send thanks ! cancelled", graph("paid > send thanks ! refunded", audience=audience)) == [
        "“When ‘order.placed’ happens, once for each subject” became "
        "“When ‘order.paid’ happens, once for each subject”",
        f"New: “Only people in the segment ‘{key('gold')}’”",
        "New: “Leave when ‘order.refunded’ happens to the same subject”",
        "Gone: “Leave when ‘order.cancelled’ happens to the same subject”",
    ]


def test_marks_within_marks_are_other_ones_in_french_too():
    with translation.override("fr"):
        (new, _arrow) = told("placed > wait 1d", "placed > wait 1d > send thanks")
    assert (new.count("«"), new.count("»")) == (1, 1)
    assert "Thanks" in new


def test_an_exit_of_the_same_event_was_changed():
    assert told("placed > send thanks ! cancelled", "placed > send thanks ! cancelled anyone") == [
        "“Leave when ‘order.cancelled’ happens to the same subject” became “Leave when ‘order.cancelled’ happens”"
    ]


def test_an_audience_that_goes_says_what_that_means():
    audience = {"segment": key("gold"), "recheck": True}
    (text,) = told(graph("placed > send thanks", audience=audience), "placed > send thanks")
    assert text.endswith("Everybody may be in it now.")


@dataclass(frozen=True, kw_only=True)
class Knock(Step):
    """Its sentence tells how often, and not how loud."""

    kind: ClassVar[str] = "knock"
    label: ClassVar[Any] = "Knock"

    times: int
    is_loud: bool

    @classmethod
    def read(cls, fields, *, id, outlets):  # noqa: A002
        return cls(
            id=id, outlets=outlets, times=fields.integer("times", minimum=1, maximum=9), is_loud=fields.flag("loud")
        )

    def write(self):
        return {"times": self.times, "loud": self.is_loud}

    def decide(self, situation):
        return Continue("next")

    def sentence(self, names):
        return f"Knock {self.times} times"


def knocking(times: int, is_loud: bool) -> Graph:
    return Graph((), (), "knock", (Knock(id="knock", outlets={}, times=times, is_loud=is_loud),))


def test_what_the_sentence_does_not_tell_stands_beside():
    (change,) = compare(knocking(2, False), knocking(2, True), NAMES)
    assert change == Change(
        Part.STEP, Kind.CHANGED, "knock", "“Knock 2 times” (knock) was changed", ("loud: no became yes",)
    )


def test_what_the_sentence_tells_is_not_told_twice():
    (change,) = compare(knocking(2, False), knocking(3, True), NAMES)
    assert change.text == "“Knock 2 times” became “Knock 3 times”"
    assert change.details == ("loud: no became yes",)
