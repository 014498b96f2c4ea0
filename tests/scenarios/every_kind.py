"""One of every kind of trigger and step, naming everything that it may name; and all of that, made for real."""

from __future__ import annotations

from typing import Any

from wagtail.models import Page

from tests.drawing import key
from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.messages.models import Message, WebhookEndpoint
from wagtail_flows.segments.models import Segment
from wagtail_flows.shop.models import Shop


Data = dict[str, Any]


def rule(page: int) -> Data:
    """A rule that names a list, a segment, a message, a shop, a page, and what has no other name than its own."""
    return {
        "match": "all",
        "rules": [
            {"field": "list.subscribed", "operator": "is", "value": key("club"), "options": {"page": str(page)}},
            {"field": "contact.locale", "operator": "is", "value": "fr"},
            {"field": "order.count", "operator": "at_least", "value": 3, "options": {"shop": key("shop")}},
            {"match": "any", "rules": [{"field": "segment.member", "operator": "is", "value": key("gold")}]},
        ],
    }


def triggers(page: int) -> dict[str, Data]:
    """Fields by kind."""
    lists = [{"name": "list", "operator": "one_of", "value": [key("club"), key("other")]}]
    return {
        "event": {"event": "list.subscribed", "where": {"list": key("club")}, "reentry": "once"},
        "event-2": {"event": "list.subscribed", "where": lists, "reentry": {"not_sooner_than_days": 30}},
        "list": {"lists": [key("club"), key("other")], "reentry": "once_per_subject"},
        "property_changed": {"property": "level", "to": "gold", "reentry": "every_time"},
        "date": {"property": "birthday", "days": -3, "at": "09:00", "repeat": "yearly"},
        "segment_entered": {"segment": key("gold"), "reentry": "once"},
        "page_published": {"below": page, "reentry": "once_per_subject"},
        "manual": {"reentry": "every_time"},
    }


def steps(page: int) -> dict[str, Data]:
    """Fields by kind."""
    not_club = [{"name": "list", "operator": "is_not", "value": key("club")}]
    asking = [{"outlet": "gold", "segment": key("gold")}, {"outlet": "ruled", "rule": rule(page)}]
    late = {"skip_after_hours": 48}
    return {
        "wait": {"amount": 3, "unit": "days", "after": "event", "late": late, "outlets": {"next": "send_email"}},
        "wait_until_date": {"date": "2026-12-24", "at": "09:00", "late": None, "outlets": {"next": "send_email"}},
        "wait_until_property": {
            "property": "birthday", "days": -2, "at": "07:30", "late": late, "outlets": {"next": "exit"},
        },
        "wait_until_window": {
            "from": "09:00", "to": "18:00", "weekdays": [1, 2, 3], "late": late, "outlets": {"next": "exit"},
        },
        "wait_usual_hour": {"within_hours": 24, "otherwise": "10:00", "late": None, "outlets": {"next": "exit"}},
        "wait_for_event": {
            "event": "list.subscribed", "where": not_club, "same_subject": False,
            "timeout": {"amount": 2, "unit": "days"}, "outlets": {"happened": "goal", "timeout": "exit"},
        },
        "send_email": {"message": key("thanks"), "list": key("club"), "outlets": {"next": "exit"}},
        "condition": {"branches": asking, "outlets": {"gold": "exit", "ruled": "exit", "else": "exit"}},
        "split_by_data": {
            "branches": [{"outlet": "club", "where": {"list": key("club")}}],
            "outlets": {"club": "exit", "else": "exit"},
        },
        "random_split": {
            "branches": [{"outlet": "a", "weight": 70}, {"outlet": "b", "weight": 30}],
            "winner": {"by": "clicks", "sample": 100, "after": {"amount": 7, "unit": "days"}},
            "outlets": {"a": "exit", "b": "exit"},
        },
        "list_action": {
            "list": key("club"), "action": "subscribe", "consent": "Yes: “write to me”", "outlets": {"next": "exit"},
        },
        "call_webhook": {
            "webhook": key("hook"), "contact": ["email", "level"], "event": False, "data": {"source": "é", "n": 1},
            "outlets": {"next": "exit"},
        },
        "send_sms": {
            "text": "{{ contact.first_name }}", "phone": "level", "basis": "subscription", "list": key("club"),
            "sender": "Atelier", "outlets": {"next": "exit"},
        },
        "notify_staff": {
            "subject": "Look: {{ contact.email }}", "text": "At once.", "groups": ["Editors"],
            "addresses": ["ada@example.org"], "outlets": {"next": "exit"},
        },
        "update_property": {"property": "level", "change": "set", "value": "no", "outlets": {"next": "exit"}},
        "goal": {"name": "Bought", "ends": False, "outlets": {"next": "exit"}},
        "jump": {"outlets": {"next": "exit"}},
        "exit": {"reason": "done", "reenter": {"after_days": 90}},
    }  # fmt: skip


def graph(page: int) -> Data:
    """A graph with all of them; it isn't one that may be published."""
    return {
        "triggers": [
            {"id": f"t-{name}", "kind": name.removesuffix("-2"), **fields} for name, fields in triggers(page).items()
        ],
        "audience": {"segment": key("gold"), "recheck": True},
        "exits": [{"event": "list.unsubscribed", "same_subject": True, "where": {"list": key("club")}}],
        "start": "wait",
        "steps": [{"id": name, "kind": name, **fields} for name, fields in steps(page).items()],
    }


def make_world(parent: Page) -> int:
    """Make all that is named; the id of the page."""
    for name in ("club", "other"):
        MailingList.objects.create(public_id=key(name), name=f"The {name}", public_name=name)
    Segment.objects.create(public_id=key("gold"), name="Gold: 1st", kind="static")
    Property.objects.create(name="birthday", label="Birthday", type="date")
    Property.objects.create(name="level", label="Level")
    Shop.objects.create(public_id=key("shop"), name="Atelier", url="https://shop.example/")
    WebhookEndpoint.objects.create(public_id=key("hook"), name="Warehouse", url="https://example.org/")
    Message.objects.create(translation_key=key("thanks"), name="Thanks", subject="Thanks", basis="existing_customer")
    return parent.add_child(instance=Page(title="News", slug="news")).pk


def remake_world(parent: Page) -> int:
    """The same things with the same names and other identifiers, as on another site; the id of the page."""
    for model in (MailingList, Segment, Property, Shop, Message, WebhookEndpoint):
        model.objects.all().delete()
    parent.get_children().delete()
    parent = Page.objects.get(pk=parent.pk)
    parent.add_child(instance=Page(title="Before", slug="before"))
    for name in ("other", "club"):
        MailingList.objects.create(name=f"The {name}", public_name=name)
    Segment.objects.create(name="Gold: 1st", kind="static")
    Property.objects.create(name="birthday", label="Birthday", type="date")
    Property.objects.create(name="level", label="Level")
    Shop.objects.create(name="Atelier", url="https://shop.example/")
    WebhookEndpoint.objects.create(name="Warehouse", url="https://example.org/")
    Message.objects.create(name="Thanks", subject="Thanks", basis="existing_customer")
    return parent.add_child(instance=Page(title="News", slug="news")).pk
