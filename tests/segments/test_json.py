"""What the editor asks over HTTP: counts, the catalogue, what can be chosen; and what hostile input is answered."""

import json

from datetime import UTC, datetime

import pytest

from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import our_permissions, person
from wagtail_flows.contacts.models import Contact, MailingList
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.segments import asking
from wagtail_flows.segments.models import Segment


NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}
COUNT = "flows_segments:count"


@pytest.fixture
def anna(db):
    get_or_create_contact("bob@example.org", locale="en", now=NOW)
    return get_or_create_contact("anna@example.org", locale="fr", first_name="Anna", last_name="Wolf", now=NOW)


@pytest.fixture
def post(client, admin_user):
    client.force_login(admin_user)

    def post(data, **extra):
        body = data if isinstance(data, str | bytes) else json.dumps(data)
        return client.post(reverse(COUNT), body, content_type="application/json", **extra)

    return post


def test_a_rule_is_counted_with_people_and_told_in_words(post, anna):
    assert post({"rule": FRENCH}).json() == {
        "count": 1,
        "is_estimate": False,
        "people": [
            {
                "name": "Anna Wolf",
                "address": "anna@example.org",
                "url": reverse("flows_contacts:inspect", args=[anna.pk]),
            }
        ],
        "problems": [],
        "sentence": "Language is “fr”.",
    }


def test_problems_are_located_and_nobody_is_counted(post, anna):
    answer = post({"rule": {"match": "all", "rules": [{"field": "gone", "operator": "is"}]}}).json()
    assert (answer["count"], answer["people"], answer["sentence"]) == (None, [], "")
    assert [(problem["step"], problem["field"]) for problem in answer["problems"]] == [("0", "field")]


def test_a_segment_that_is_edited_to_ask_itself_is_told_so(post, db):
    segment = Segment.objects.create(name="A", rule=FRENCH)
    asked = {"field": "segment.member", "operator": "in_any_of", "value": [str(segment.public_id)]}
    rule = {"match": "all", "rules": [asked]}
    assert post({"rule": rule}).json()["count"] == 0
    answer = post({"rule": rule, "segment": str(segment.public_id)}).json()
    assert [problem["code"] for problem in answer["problems"]] == ["circle"]


HOSTILE = [
    None,
    [],
    "x",
    7,
    {},
    {"match": []},
    {"match": "all", "rules": {}},
    {"match": "all", "rules": [None, 1, [], "x", {"field": []}, {"field": {}, "operator": {}}]},
    {"match": "all", "rules": [{"field": "contact.locale", "operator": ["is"], "value": "x"}]},
    {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "\x00"}]},
    {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "\ud800"}]},
    {"match": "all", "rules": [{"field": "\ud800", "operator": "is", "value": "x", "\ud800": 1}]},
    {"match": "all", "rules": [{"field": "order.total", "operator": "equals", "value": "1e999999999"}]},
    {"match": "all", "rules": [{"field": "order.total", "operator": "equals", "value": 10**400}]},
    {"match": "all", "rules": [{"field": "order.count", "operator": "equals", "value": 10**30}]},
    {"match": "all", "rules": [{"field": "contact.created_at", "operator": "in_last_days", "value": 10**9}]},
    {"match": "all", "rules": [{"field": "contact.created_at", "operator": "before", "value": "0001-01-01"}]},
    {"match": "all", "rules": [{"field": "contact.created_at", "operator": "after", "value": "9999-12-31"}]},
    {"match": "all", "rules": [{"field": "contact.created_at", "operator": "on", "value": "0001-01-01"}]},
    {"match": "all", "rules": [{"field": "contact.created_at", "operator": "more_than_days_ago", "value": 36500}]},
    {"match": "all", "rules": [{"field": "contact.created_at", "operator": "in_next_days", "value": 36500}]},
    {"match": "all", "rules": [{"field": "list.subscribed", "operator": "in_any_of", "value": ["'; DROP TABLE x"]}]},
    {
        "match": "all",
        "rules": [{"field": "page.viewed", "operator": "never", "options": {"page": "99999999999999999999"}}],
    },
    {"match": "all", "rules": [{"field": "page.viewed", "operator": "never", "options": {"page": "٣"}}]},
    {
        "match": "all",
        "rules": [{"field": "engagement.opened", "operator": "never", "options": {"message": "x" * 400}}],
    },
    {
        "match": "all",
        "rules": [
            {
                "field": "event.order.placed",
                "operator": "never",
                "options": {"where": [{"name": "a__b' --", "operator": "more_than", "value": "3"}]},
            }
        ],
    },
]


@pytest.mark.parametrize("rule", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_rules_are_answered_with_problems_or_a_count(post, db, rule):
    answer = post({"rule": rule})
    assert answer.status_code == 200
    data = answer.json()
    assert bool(data["problems"]) != (data["count"] is not None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b'{"rule": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"rule": ' + b"9" * 10_000 + b"}", 400),
        (b'{"rule": "' + b"x" * 300_000 + b'"}', 413),
    ],
    ids=range(6),
)
def test_what_is_no_rule_at_all_is_refused(post, db, body, status):
    answer = post(body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_deep_nesting_that_json_takes_is_a_problem(post, db):
    rule = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "x"}]}
    for _level in range(60):
        rule = {"match": "all", "rules": [rule]}
    assert [problem["code"] for problem in post({"rule": rule}).json()["problems"]] == ["too_deep"]


def test_two_hundred_clauses_ten_levels_deep_are_counted(post, anna):
    clause = {"field": "contact.locale", "operator": "is", "value": "fr"}
    rule = {"match": "any", "rules": [clause] * 191}
    for _level in range(9):
        rule = {"match": "all", "rules": [clause, rule]}
    assert post({"rule": rule}).json()["count"] == 1


def test_past_its_time_the_count_is_an_estimate_or_unknown_and_says_so(anna):
    assert asking.counted(Forever(), set, 0.05) == (2, True)
    assert asking.counted(Forever(), lambda ids: [], 0.05) == (None, True)
    assert asking.counted(Contact.objects.all(), set, 5) == (2, False)


class Forever:
    """Contacts that the database counts for ever."""

    def count(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) "
                "SELECT count(*) FROM endless"
            )

    def values(self, *names):
        return Contact.objects.values(*names)


def test_the_catalogue_names_every_field_and_operator(client, admin_user, db):
    client.force_login(admin_user)
    data = client.get(reverse("flows_segments:catalogue")).json()
    fields = {field["name"]: field for field in data["fields"]}
    assert fields["list.subscribed"]["refers_to"] == "list"
    assert {option["name"] for option in fields["engagement.clicked"]["options"]} == {
        "message", "link", "by", "within_days"}  # fmt: skip
    assert {field["type"] for field in data["fields"]} <= set(data["operators"])
    assert {"name": "is", "label": "is", "operand": "one"} in data["operators"]["text"]


def test_lists_are_found_by_text_and_named_by_id(client, admin_user, db):
    client.force_login(admin_user)
    one = MailingList.objects.create(name="Été", public_name="x")
    MailingList.objects.create(name="Hiver", public_name="x")
    url = reverse("flows_segments:references", args=["list"])
    assert {item["label"] for item in client.get(url).json()["items"]} == {"Hiver", "Été"}
    assert client.get(url, {"q": "hiv"}).json()["items"][0]["label"] == "Hiver"
    assert client.get(url, {"ids": f"{one.public_id},x,\x00"}).json()["items"] == [
        {"id": str(one.public_id), "label": "Été"}
    ]
    assert client.get(url, {"q": "\x00'--%"}).json() == {"items": [], "has_more": False}


def test_of_many_the_first_come_and_more_is_said(client, admin_user, db):
    client.force_login(admin_user)
    MailingList.objects.bulk_create(MailingList(name=f"L{number:03}", public_name="x") for number in range(31))
    data = client.get(reverse("flows_segments:references", args=["list"])).json()
    assert (len(data["items"]), data["has_more"]) == (30, True)


@pytest.mark.parametrize("kind", ["list", "message", "segment", "scenario", "shop", "product", "category", "page"])
def test_every_kind_can_be_chosen_by_who_may_and_by_nobody_else(client, admin_user, django_user_model, kind):
    url = reverse("flows_segments:references", args=[kind])
    client.force_login(admin_user)
    assert client.get(url).status_code == 200
    only_segments = person(django_user_model, "desk", our_permissions().filter(codename="view_segment"))
    client.force_login(only_segments)
    expected = {"segment": (200, 1), "page": (200, 0)}.get(kind, (403, 0))
    Segment.objects.create(name="A", rule=FRENCH)
    answer = client.get(url)
    assert answer.status_code == expected[0]
    assert len(answer.json().get("items", [])) == expected[1]


def test_who_may_not_see_contacts_gets_the_number_only(client, django_user_model, anna):
    client.force_login(person(django_user_model, "desk", our_permissions().filter(codename="view_segment")))
    answer = client.post(reverse(COUNT), json.dumps({"rule": FRENCH}), content_type="application/json").json()
    assert (answer["count"], answer["people"]) == (1, [])


def test_who_may_not_gets_403_and_a_forged_request_is_refused(client, django_user_model, anna, admin_user):
    client.force_login(person(django_user_model, "nothing", []))
    for url in (reverse("flows_segments:catalogue"), reverse("flows_segments:references", args=["list"])):
        assert client.get(url).status_code == 403
    assert client.post(reverse(COUNT), "{}", content_type="application/json").status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert strict.post(reverse(COUNT), "{}", content_type="application/json").status_code == 403
