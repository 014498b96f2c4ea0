"""What the tests on an event's data mean: the same on every database, whatever a shop or a site has told."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.events.models import Event
from wagtail_flows.segments.compiling import Scope, compile_rule
from wagtail_flows.segments.rules import Clause, Condition


NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
LONG = "1" + "0" * 30


@pytest.fixture
def tell(db):
    contact = get_or_create_contact("anna@example.org", now=NOW)

    def told(kind, data):
        Event.objects.create(
            kind=kind, source="test", dedupe_key="1", contact=contact, data=data, occurred_at=NOW, recorded_at=NOW
        )

    return told


def is_found(field, **options):
    clause = Clause(field, "at_least_once", None, tuple(sorted(options.items())))
    return Contact.objects.filter(compile_rule(clause, Scope(now=NOW, zone=ZoneInfo("Europe/Paris")))).exists()


# (data, is, contains): whether `is` and `contains` hold for the text; `is_not` is the opposite of `is`.
TEXTS = [
    ({}, "x", False, False),
    ({"k": None}, "null", False, False),
    ({"k": None}, "None", False, False),
    ({"k": ""}, "x", False, False),
    ({"k": "null"}, "null", True, True),
    ({"k": "tea"}, "tea", True, True),
    ({"k": "Green Tea"}, "Tea", False, True),
    ({"k": "Green Tea"}, "tea", False, False),
    ({"k": "100 %"}, "0 %", False, True),
    ({"k": "a_b"}, "a%b", False, False),
    ({"k": 3}, "3", True, False),
    ({"k": "3"}, "3", True, True),
    ({"k": 12.5}, "12.5", True, False),
    ({"k": 3.0}, "3.0", True, False),
    ({"k": 3.0}, "3", False, False),
    ({"k": 1e22}, "10000000000000000000000", True, False),
    ({"k": 1e-7}, "0.0000001", True, False),
    ({"k": -0.0}, "0.0", True, False),
    ({"k": 2**70}, str(2**70), True, False),
    ({"k": True}, "true", True, False),
    ({"k": False}, "false", True, False),
    ({"k": True}, "1", False, False),
    ({"k": ["tea", "pot"]}, "tea", False, True),
    ({"k": ["tea", "pot"]}, "te", False, False),
    ({"k": ["tea"]}, '["tea"]', False, False),
    ({"k": '["tea"]'}, '["tea"]', True, True),
    ({"k": [7, 1.5, True, None]}, "7", False, True),
    ({"k": [7, 1.5, True, None]}, "1.5", False, True),
    ({"k": [7, 1.5, True, None]}, "true", False, True),
    ({"k": [7, 1.5, True, None]}, "null", False, False),
    ({"k": [["tea"], {"tea": 1}]}, "tea", False, False),
    ({"k": [["tea"], {"tea": 1}]}, '["tea"]', False, False),
    ({"k": []}, "x", False, False),
    ({"k": {"tea": "tea"}}, "tea", False, False),
    ({"k": {}}, "{}", False, False),
]


@pytest.mark.parametrize(("data", "wanted", "is_it", "contains"), TEXTS)
def test_a_value_is_met_by_how_it_is_written(tell, data, wanted, is_it, contains):
    tell("order.placed", data)
    met = {
        operator: is_found("event.order.placed", where=(Condition("k", operator, wanted),))
        for operator in ("is", "is_not", "contains")
    }
    assert met == {"is": is_it, "is_not": not is_it, "contains": contains}


NUMBERS = [
    ({"k": 50}, "50", 0),
    ({"k": "50.00"}, "50", 0),
    ({"k": " +5e1\n"}, "50", 0),
    ({"k": ".5"}, "0.5", 0),
    ({"k": "49.999999999999999999"}, "50", -1),
    ({"k": 0.1}, "0.1", 0),
    ({"k": 12345678901234}, "10000000000000", 1),
    ({"k": LONG}, "10000000000000", 1),
    ({"k": "-" + LONG}, "0", -1),
    ({"k": "9007199254740993"}, "9007199254740992", 1),
    ({"k": "1" * 41}, "0", None),
    ({"k": 1e300}, "0", None),
    ({}, "0", None),
    ({"k": None}, "0", None),
    ({"k": ""}, "0", None),
    ({"k": "many"}, "0", None),
    ({"k": "1 000"}, "0", None),
    ({"k": "1,5"}, "0", None),
    ({"k": "NaN"}, "0", None),
    ({"k": "Infinity"}, "0", None),
    ({"k": "٣"}, "0", None),
    ({"k": "\u00a03"}, "0", None),
    ({"k": True}, "0", None),
    ({"k": [5]}, "0", None),
    ({"k": {"5": 5}}, "0", None),
]


@pytest.mark.parametrize(("data", "limit", "compared"), NUMBERS)
def test_a_number_is_compared_exactly_whether_it_is_told_as_a_number_or_a_text(tell, data, limit, compared):
    tell("order.placed", data)
    met = {
        operator: is_found("event.order.placed", where=(Condition("k", operator, Decimal(limit)),))
        for operator in ("more_than", "at_least", "less_than", "at_most")
    }
    assert met == {
        "more_than": compared == 1,
        "at_least": compared in {0, 1},
        "less_than": compared == -1,
        "at_most": compared in {-1, 0},
    }


@pytest.mark.parametrize(
    "key", ["0", "-1", '"', 'a"b', "'", "\\", "a.b", "$", "$.a", "[0]", "#-1", "é", "%s", "100%", "{0}", "a\nb", " "]
)
def test_a_key_is_a_key_however_it_is_written(tell, key):
    tell("order.placed", {key: "x", "list": ["y"]})
    assert is_found("event.order.placed", where=(Condition(key, "is", "x"),))
    assert is_found("event.order.placed", where=(Condition(key, "contains", "x"), Condition("list", "contains", "y")))
    assert not is_found("event.order.placed", where=(Condition(key + "x", "is", "x"),))


@pytest.mark.parametrize("told", [5, "5"])
@pytest.mark.parametrize(
    ("field", "option"), [("page.viewed", "page"), ("cart.updated", "product"), ("engagement.sent", "message")]
)
def test_an_option_is_met_by_a_number_and_by_its_text(tell, field, option, told):
    tell({"engagement.sent": "message.sent"}.get(field, field), {option: told})
    assert is_found(field, **{option: "5"})
    assert not is_found(field, **{option: "50"})


def test_a_link_is_compared_exactly(tell):
    tell("message.clicked", {"link": "https://shop.example/Tea", "by": "human"})
    assert is_found("engagement.clicked", link="https://shop.example/Tea")
    assert not is_found("engagement.clicked", link="https://shop.example/tea")
