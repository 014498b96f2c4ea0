"""A rule in plain words, in every language, whatever is in it."""

import uuid

from datetime import date
from decimal import Decimal

import pytest

from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.segments.strategies import rules
from wagtail_flows.segments import phrases
from wagtail_flows.segments.compiling import answers
from wagtail_flows.segments.fields import Field, Option, OptionKind
from wagtail_flows.segments.operators import OPERATORS, FieldType, Operand
from wagtail_flows.segments.rules import Clause, Condition, Group
from wagtail_flows.segments.wording import outline, sentence


NEWS, OFFERS = (str(uuid.UUID(int=number)) for number in (1, 2))
NAMES = {"list": {NEWS: "News", OFFERS: "Offers"}, "message": {"m": "Thanks"}}
WHERE = Option("where", OptionKind.CONDITIONS, "where")
WITHIN = Option("within_days", OptionKind.DAYS, "in the last (days)")
MESSAGE = Option("message", OptionKind.REFERENCE, "e-mail", refers_to="message")
BY = Option("by", OptionKind.CHOICE, "by", choices=(("human", "people only"),))
FIELDS = {
    field.name: field
    for field in (
        Field("locale", "language", "Contact", FieldType.TEXT),
        Field("total", "total", "Orders", FieldType.NUMBER),
        Field("vip", "VIP", "Properties", FieldType.BOOLEAN),
        Field("born", "birthday", "Properties", FieldType.DATE),
        Field("since", "known since", "Contact", FieldType.MOMENT),
        Field("opened", "opened an e-mail", "Engagement", FieldType.COUNT, options=(BY, MESSAGE, WHERE, WITHIN)),
        Field("list", "subscribed", "Lists", FieldType.MEMBERSHIP, refers_to="list"),
    )
}


@pytest.mark.parametrize(
    ("clause", "told"),
    [
        (Clause("locale", "is", "fr"), "Language is “fr”."),
        (Clause("locale", "is_one_of", ("fr", "de", "en")), "Language is one of “fr”, “de” or “en”."),
        (Clause("locale", "is_not_set"), "Language is not known."),
        (Clause("total", "at_least", Decimal("1234.50")), "Total is at least 1,234.5."),
        (Clause("total", "between", (Decimal(1), Decimal(2))), "Total is between 1 and 2."),
        (Clause("vip", "is_true"), "VIP: yes."),
        (Clause("born", "month_is", 3), "Birthday: in March."),
        (Clause("born", "anniversary_in_next_days", 7), "Birthday: comes round within 7 days."),
        (Clause("since", "in_last_days", 1), "Known since: in the last 1 day."),
        (Clause("since", "before", date(2026, 3, 29)), "Known since: before March 29, 2026."),
        (Clause("opened", "never"), "Opened an e-mail: never."),
        (
            Clause("opened", "at_least", 3, (("by", "human"), ("message", "m"), ("within_days", 30))),
            "Opened an e-mail: at least 3 (by: people only, e-mail: “Thanks”, in the last 30 days).",
        ),
        (
            Clause("opened", "never", None, (("where", (Condition("total", "more_than", Decimal(5)),)),)),
            "Opened an e-mail: never (total is more than 5).",
        ),
        (Clause("list", "in_any_of", (NEWS, OFFERS)), "Subscribed: “News” or “Offers”."),
        (Clause("list", "in_none_of", (NEWS,)), "Subscribed: not “News”."),
        (Clause("list", "in_any_of", tuple("abcdefg")), "Subscribed: “a”, “b”, “c”, “d” or 3 others."),
        (Clause("gone", "is", "x"), "“gone”, which doesn't exist any more."),
    ],
    ids=lambda value: value.operator if isinstance(value, Clause) else "",
)
def test_a_clause_is_one_sentence(clause, told):
    assert sentence(Group("all", (clause,)), FIELDS, NAMES) == told


def test_groups_are_joined_and_nested_ones_stand_in_brackets():
    french, vip = Clause("locale", "is", "fr"), Clause("vip", "is_true")
    rule = Group("all", (french, Group("any", (vip, Group("none", (french, vip))))))
    assert (
        sentence(rule, FIELDS, NAMES)
        == "Language is “fr” and (VIP: yes or none of these: (language is “fr”; VIP: yes))."
    )
    assert sentence(Group("any", (Group("all", (french,)), vip)), FIELDS, NAMES) == "Language is “fr” or VIP: yes."


def test_a_group_that_is_alone_needs_no_brackets():
    either = Group("any", (Clause("locale", "is", "fr"), Clause("vip", "is_true")))
    assert sentence(Group("all", (either,)), FIELDS, NAMES) == "Language is “fr” or VIP: yes."


@pytest.mark.parametrize(("match", "told"), [("all", "Everybody."), ("any", "Nobody."), ("none", "Everybody.")])
def test_an_empty_rule_says_who_that_is(match, told):
    assert sentence(Group(match, ()), FIELDS, NAMES) == told


def test_the_outline_has_the_places_by_which_problems_are_located():
    line = outline(Group("all", (Clause("vip", "is_true"), Group("any", (Clause("vip", "is_false"),)))), FIELDS, NAMES)
    assert (line.text, line.path, [part.path for part in line.parts]) == ("All of these hold", "", ["0", "1"])
    assert line.parts[1].parts[0] == outline(Clause("vip", "is_false"), FIELDS, NAMES, "1.0")


def test_every_operator_has_its_phrase():
    missing = [
        (field_type, operator.name)
        for field_type, operators in OPERATORS.items()
        for operator in operators
        if operator.name not in (phrases.DAYS if operator.operand == Operand.DAYS else phrases.PHRASES[field_type])
    ]
    assert missing == []


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(choice=st.data(), language=st.sampled_from(["en", "fr"]))
def test_any_rule_can_be_told(choice, language):
    fields = {name: field for name, (field, _source) in answers().items()}
    rule = choice.draw(rules(list(fields.values())))
    with translation.override(language):
        assert sentence(rule, fields, {})
        assert outline(rule, fields, {}).text


def test_percent_signs_and_brackets_of_people_stay_theirs():
    fields = {"p": Field("p", "100 %(value)s {0}", "x", FieldType.TEXT)}
    told = sentence(Group("all", (Clause("p", "is", "50 %(field)s <b>"),)), fields, {})
    assert told == "100 %(value)s {0} is “50 %(field)s <b>”."
