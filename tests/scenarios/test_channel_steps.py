"""Steps that call, text and notify: what they read, what they decide, what they say of themselves."""

from datetime import UTC, datetime

import pytest

from tests.drawing import key
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.outcomes import Dispatch
from wagtail_flows.scenarios.references import KnownProperty, KnownWebhook, References
from wagtail_flows.scenarios.situation import Situation


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALL = {"kind": "call_webhook", "webhook": key("hook")}
SMS = {"kind": "send_sms", "phone": "mobile", "basis": "transaction", "text": "Well"}
NOTICE = {"kind": "notify_staff", "groups": ["Support"], "subject": "Look", "text": "Now"}


def graph_of(fields: dict) -> dict:
    ends = {"id": "exit-1", "kind": "exit", "reason": "done", "reenter": "at_once"}
    step = {"id": "it", **fields, "outlets": {"next": "exit-1"}}
    return {"triggers": [{"id": "t", "kind": "manual"}], "exits": [], "start": "it", "steps": [step, ends]}


def step(fields: dict):
    return parse(graph_of(fields)).step("it")


def decided(fields: dict, **answers: object) -> Dispatch:
    found = step(fields)
    asked = {question.answered_as: answers.get(question.about) for question in found.questions()}
    return found.decide(Situation(now=NOW, entered_at=NOW, step_entered_at=NOW, answers=asked))


def test_a_call_tells_its_endpoint_by_id_and_nothing_secret():
    outcome = decided(CALL | {"contact": ["email"], "event": False, "data": {"a": 1}})
    payload = {"endpoint": key("hook"), "contact": ["email"], "event": False, "data": {"a": 1}}
    assert outcome == Dispatch("webhook", payload)
    assert decided(CALL).payload["event"] is True


def test_an_sms_goes_to_the_number_that_the_property_holds():
    outcome = decided(SMS | {"sender": "Atelier"}, mobile="+33 612345678")
    payload = {"text": "Well", "phone": "+33 612345678", "sender": "Atelier"}
    assert outcome == Dispatch("sms", payload, "+33 612345678")
    assert decided(SMS).payload["phone"] == ""


def test_a_commercial_sms_says_on_what_basis():
    outcome = decided(SMS | {"basis": "subscription", "list": key("club")})
    assert (outcome.basis, outcome.mailing_list) == ("subscription", key("club"))


def test_a_notice_carries_its_words_and_whom_it_is_for():
    outcome = decided(NOTICE | {"addresses": ["Ada@Example.org", "ada@example.org"]})
    assert outcome.channel == "staff"
    assert outcome.payload == {
        "subject": "Look", "text": "Now", "groups": ["Support"], "addresses": ["ada@example.org"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        (CALL | {"webhook": "https://example.org/"}, "webhook", "not_a_key"),
        (CALL | {"contact": [""]}, "contact.0", "not_text"),
        (CALL | {"contact": "email"}, "contact", "not_a_list"),
        (CALL | {"event": "yes"}, "event", "not_a_flag"),
        (CALL | {"data": {"a": ["b"]}}, "data.a", "not_plain"),
        (CALL | {"data": {"a": "b" * 201}}, "data.a", "not_plain"),
        (CALL | {"data": {str(number): 1 for number in range(51)}}, "data", "too_many"),
        (CALL | {"data": []}, "data", "not_an_object"),
        (CALL | {"secret": "whsec_x"}, "secret", "unknown_field"),
        (SMS | {"text": ""}, "text", "not_text"),
        (SMS | {"text": "x" * 1001}, "text", "not_text"),
        (SMS | {"basis": "because"}, "basis", "not_a_choice"),
        (SMS | {"basis": "subscription"}, "list", "missing"),
        (SMS | {"sender": "Much too long"}, "sender", "not_a_sender"),
        (SMS | {"sender": "<b>"}, "sender", "not_a_sender"),
        (NOTICE | {"groups": []}, "groups", "missing"),
        (NOTICE | {"groups": [7]}, "groups.0", "not_text"),
        (NOTICE | {"subject": ""}, "subject", "not_text"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(fields, place, code):
    assert [(one.step, one.field, one.code) for one in read(graph_of(fields)).problems] == [("it", place, code)]


@pytest.mark.parametrize("fields", [CALL | {"contact": ["email"], "data": {"a": None}}, SMS, NOTICE])
def test_what_is_written_is_read_again_as_the_same(fields):
    once = dump(parse(graph_of(fields)))
    assert dump(parse(once)) == once


def test_the_outline_names_them_as_people_do():
    known = References(
        webhooks={key("hook"): KnownWebhook("Warehouse")}, properties={"mobile": KnownProperty("Mobile", "text")}
    )
    assert step(CALL).sentence(known) == "Call the webhook “Warehouse”"
    assert step(SMS).sentence(known) == "Send the SMS “Well” to “Mobile”"
    assert step(NOTICE | {"addresses": ["ada@example.org"]}).sentence(known) == (
        "Notify Support, ada@example.org: “Look”"
    )
