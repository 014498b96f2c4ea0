"""What a rule means, in plain Python over plain people: the other opinion that the compiled query is compared with."""

from __future__ import annotations

import re
import unicodedata

from calendar import isleap
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from wagtail_flows.segments.rules import Clause, Group, Rule


@dataclass
class Bought:
    """An order; `at` says when it was placed, paid, cancelled …, by the name of the status."""

    at: dict[str, datetime]
    total: Decimal | None = None
    currency: str = "EUR"
    shop: str = ""
    # (product, category, is removed)
    lines: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass
class Person:
    address: str
    first_name: str = ""
    locale: str = ""
    created_at: datetime | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    # (list, status, since)
    subscriptions: list[tuple[str, str, datetime]] = field(default_factory=list)
    # (kind, occurred at, data)
    events: list[tuple[str, datetime, dict[str, Any]]] = field(default_factory=list)
    # (scope, reason)
    suppressions: list[tuple[str, str]] = field(default_factory=list)
    orders: list[Bought] = field(default_factory=list)
    # (scenario, status, exit reason, entered at)
    enrollments: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    # Segments made by hand that the person was put into.
    put_into: set[str] = field(default_factory=set)


@dataclass
class World:
    now: datetime
    zone: ZoneInfo
    # Segments that ask a rule.
    segments: dict[str, Rule] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


NAMED = {
    "engagement.sent": "message.sent",
    "engagement.opened": "message.opened",
    "engagement.clicked": "message.clicked",
    "cart.updated": "cart.updated",
    "cart.abandoned": "cart.abandoned",
    "page.viewed": "page.viewed",
}
DATA = ("message", "link", "product", "page")
STATUSES = {
    "list.subscribed": "subscribed",
    "list.pending": "pending",
    "list.unsubscribed": "unsubscribed",
    "list.added": "added",
}
OPPOSITES = {
    "is_not": "is",
    "is_none_of": "is_one_of",
    "not_contains": "contains",
    "is_not_set": "is_set",
    "not_equals": "equals",
    "not_in_last_days": "in_last_days",
    "never": "at_least_once",
    "in_none_of": "in_any_of",
}


def holds(rule: Rule, person: Person, world: World) -> bool:
    if isinstance(rule, Group):
        held = [holds(inner, person, world) for inner in rule.rules]
        return {"all": all(held), "any": any(held), "none": not any(held)}[rule.match]
    if rule.operator in OPPOSITES:
        return not holds(Clause(rule.field, OPPOSITES[rule.operator], rule.value, rule.options), person, world)
    return clause_holds(rule, person, world)


def clause_holds(clause: Clause, person: Person, world: World) -> bool:
    room, _dot, name = clause.field.partition(".")
    if room == "contact":
        value = {
            "address": person.address,
            "domain": person.address.rpartition("@")[2],
            "first_name": person.first_name,
            "locale": person.locale,
            "created_at": person.created_at,
            "undeliverable": any(scope == "all" or reason == "bounced" for scope, reason in person.suppressions),
        }[name]
        return value_holds(clause, value, world)
    if room == "property":
        return value_holds(clause, person.properties.get(name), world)
    if room == "list":
        return list_holds(clause, person, world)
    if room == "order":
        return order_holds(clause, person, world)
    if room == "scenario":
        return any(scenario_holds(clause, enrollment, world) for enrollment in person.enrollments)
    if room == "segment":
        return any(
            key in person.put_into or (key in world.segments and holds(world.segments[key], person, world))
            for key in clause.value
        )
    return count_holds(clause, len(list(happened(clause, person, world))))


def is_within(clause: Clause, at: datetime, world: World) -> bool:
    within = clause.option("within_days")
    return within is None or 0 <= (world.today - at.astimezone(world.zone).date()).days <= within


def scenario_holds(clause: Clause, enrollment: tuple[str, str, str, datetime], world: World) -> bool:
    name, status, reason, entered_at = enrollment
    if name not in clause.value or not is_within(clause, entered_at, world):
        return False
    return {
        "scenario.inside": status != "ended",
        "scenario.entered": True,
        "scenario.goal": reason == "goal",
    }[clause.field]


def asked_orders(clause: Clause, person: Person, world: World) -> list[Bought]:
    status = clause.option("status")
    return [
        order
        for order in person.orders
        if "placed" in order.at
        and (status in order.at if status else "cancelled" not in order.at)
        and clause.option("shop") in (None, order.shop)
        and clause.option("currency", order.currency).strip().upper() == order.currency
        and is_within(clause, order.at["placed"], world)
    ]


def order_holds(clause: Clause, person: Person, world: World) -> bool:
    orders = asked_orders(clause, person, world)
    totals = [order.total for order in orders if order.total is not None]
    placed = [order.at["placed"] for order in orders]
    match clause.field:
        case "order.count":
            return count_holds(clause, len(orders))
        case "order.product" | "order.category":
            place = 0 if clause.field == "order.product" else 1
            lines = [line for order in orders for line in order.lines if not line[2]]
            return any(line[place] in clause.value for line in lines)
        case "order.total":
            return amount_holds(clause, Fraction(sum(totals)) if totals else None)
        case "order.average":
            return amount_holds(clause, Fraction(sum(totals)) / len(totals) if totals else None)
        case "order.first_at":
            return value_holds(clause, min(placed, default=None), world)
        case "order.last_at":
            return value_holds(clause, max(placed, default=None), world)
    delivered = [order.at["delivered"] for order in orders if "delivered" in order.at]
    return value_holds(clause, max(delivered, default=None), world)


def amount_holds(clause: Clause, amount: Fraction | None) -> bool:
    if clause.operator == "is_set":
        return amount is not None
    return amount is not None and number_holds(clause.operator, clause.value, amount)


def fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold()).strip()


def value_holds(clause: Clause, value: Any, world: World) -> bool:
    if isinstance(value, str):
        value = fold(value) or None
    if clause.operator == "is_set":
        return value is not None
    if value is None:
        return False
    if isinstance(value, str):
        return text_holds(clause, value)
    if isinstance(value, bool):
        return value is (clause.operator == "is_true")
    if isinstance(value, Decimal):
        return number_holds(clause.operator, clause.value, value)
    if isinstance(value, datetime):
        value = value.astimezone(world.zone).date()
    return day_holds(clause, value, world.today)


def text_holds(clause: Clause, value: str) -> bool:
    wanted = [fold(item) for item in clause.value] if isinstance(clause.value, tuple) else fold(clause.value)
    return {
        "is": lambda: value == wanted,
        "is_one_of": lambda: value in wanted,
        "contains": lambda: wanted in value,
        "starts_with": lambda: value.startswith(wanted),
        "ends_with": lambda: value.endswith(wanted),
    }[clause.operator]()


def number_holds(operator: str, wanted: Any, value: Any) -> bool:
    return {
        "equals": lambda: value == wanted,
        "more_than": lambda: value > wanted,
        "at_least": lambda: value >= wanted,
        "less_than": lambda: value < wanted,
        "at_most": lambda: value <= wanted,
        "between": lambda: wanted[0] <= value <= wanted[1],
    }[operator]()


def day_holds(clause: Clause, day: date, today: date) -> bool:
    wanted = clause.value
    return {
        "on": lambda: day == wanted,
        "before": lambda: day < wanted,
        "after": lambda: day > wanted,
        "between": lambda: wanted[0] <= day <= wanted[1],
        "in_last_days": lambda: 0 <= (today - day).days <= wanted,
        "in_next_days": lambda: 0 <= (day - today).days <= wanted,
        "more_than_days_ago": lambda: (today - day).days > wanted,
        "month_is": lambda: day.month == wanted,
        "month_is_this": lambda: day.month == today.month,
        "anniversary_in_next_days": lambda: any(
            is_anniversary(day, today + timedelta(days=ahead)) for ahead in range(min(wanted, 366) + 1)
        ),
    }[clause.operator]()


def is_anniversary(born: date, day: date) -> bool:
    if (born.month, born.day) == (2, 29) and not isleap(day.year):
        return (day.month, day.day) == (2, 28)
    return (born.month, born.day) == (day.month, day.day)


def list_holds(clause: Clause, person: Person, world: World) -> bool:
    if clause.field.endswith("_at"):
        status = STATUSES[clause.field.removesuffix("_at")]
        return any(
            value_holds(clause, since, world)
            for name, had, since in person.subscriptions
            if had == status and name == clause.option("list")
        )
    return any(name in clause.value and had == STATUSES[clause.field] for name, had, _since in person.subscriptions)


def happened(clause: Clause, person: Person, world: World):
    kind = NAMED.get(clause.field) or clause.field.removeprefix("event.")
    for name, at, data in person.events:
        within = clause.option("within_days")
        age = (world.today - at.astimezone(world.zone).date()).days
        if name != kind or (within is not None and not 0 <= age <= within):
            continue
        asked = (clause.option(key) and said(data.get(key)) != clause.option(key) for key in DATA)
        if any(asked):
            continue
        by_people = (
            clause.field in {"engagement.opened", "engagement.clicked"} and clause.option("by", "human") == "human"
        )
        if by_people and said(data.get("by")) != "human":
            continue
        if all(data_holds(test, data.get(test.name)) for test in clause.option("where", ())):
            yield name


def said(value: Any) -> str | None:
    """How a value of an event's data is written; None where it has no text."""
    if value is None or isinstance(value, list | dict):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return f"{Decimal(repr(value)):f}".replace("-0.0", "0.0") if isinstance(value, float) else str(value)


def data_holds(test: Any, value: Any) -> bool:
    match test.operator:
        case "is":
            return said(value) == test.value
        case "is_not":
            return said(value) != test.value
        case "contains" if isinstance(value, list):
            return test.value in map(said, value)
        case "contains":
            return isinstance(value, str) and test.value in value
    number = re.fullmatch(
        r"\s*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?)\s*", said(value) or "", re.ASCII | re.IGNORECASE
    )
    return bool(number) and len(number[0]) <= 40 and number_holds(test.operator, test.value, Decimal(number[1]))


def count_holds(clause: Clause, count: int) -> bool:
    return count >= 1 if clause.operator == "at_least_once" else number_holds(clause.operator, clause.value, count)
