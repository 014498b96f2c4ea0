"""Segments that nearly everybody wants, to start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from wagtail_flows.segments.fields import Fields
from wagtail_flows.segments.operators import FieldType


Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """`rule(fields)` is JSON for `parsing`; None while something is missing, which `needs` names."""

    name: str
    label: Any
    explanation: Any
    rule: Callable[[Fields], Data | None]
    needs: Any = ""


def _clause(field: str, operator: str, value: Any = None, **options: Any) -> Data:
    clause: Data = {"field": field, "operator": operator}
    if value is not None:
        clause["value"] = value
    return {**clause, "options": options} if options else clause


def _group(match: str, *rules: Data) -> Data:
    return {"match": match, "rules": list(rules)}


def _engaged(fields: Fields) -> Data:
    return _group(
        "any",
        _clause("engagement.opened", "at_least_once", by="human", within_days=90),
        _clause("engagement.clicked", "at_least_once", by="human", within_days=90),
    )


def _inactive(fields: Fields) -> Data:
    return _group(
        "all",
        _clause("contact.created_at", "more_than_days_ago", 180),
        _clause("engagement.opened", "never", by="human", within_days=180),
        _clause("engagement.clicked", "never", by="human", within_days=180),
        _clause("order.count", "never", within_days=180),
    )


def _cart_left(fields: Fields) -> Data:
    return _group(
        "all",
        _clause("cart.abandoned", "at_least_once", within_days=7),
        _clause("order.count", "never", within_days=7),
    )


def _birthday(fields: Fields) -> Data | None:
    """Of the property that looks like a birthday, else of the first date."""
    dates = [name for name, field in fields.items() if name.startswith("property.") and field.type == FieldType.DATE]
    likely = [name for name in dates if any(part in name for part in ("birth", "naissance", "anniv", "born"))]
    return _group("all", _clause((likely or dates)[0], "month_is_this")) if dates else None


RECIPES = (
    Recipe(
        "engaged",
        _("Engaged in 90 days"),
        _("Who opened or clicked an e-mail in the last 90 days; machines left out."),
        _engaged,
    ),
    Recipe(
        "inactive",
        _("Inactive for 180 days"),
        _("Known for longer, but no opening, no click and no order in the last 180 days."),
        _inactive,
    ),
    Recipe(
        "never_bought",
        _("Never bought"),
        _("Everybody without an order."),
        lambda fields: _group("all", _clause("order.count", "never")),
    ),
    Recipe(
        "bought_once",
        _("Bought once"),
        _("Exactly one order so far: the second one is the hardest."),
        lambda fields: _group("all", _clause("order.count", "equals", 1)),
    ),
    Recipe(
        "best_customers",
        _("Best customers"),
        _("Three orders or more in the last year."),
        lambda fields: _group("all", _clause("order.count", "at_least", 3, within_days=365)),
    ),
    Recipe("cart_left", _("Cart left"), _("Left a cart in the last 7 days and ordered nothing since."), _cart_left),
    Recipe(
        "birthday",
        _("Birthday this month"),
        _("Whose birthday is in the current month."),
        _birthday,
        needs=_("Make a property of the type date first, such as “birthday”."),
    ),
    Recipe(
        "undeliverable",
        _("Undeliverable"),
        _("Whose address bounced, or must not be written to at all."),
        lambda fields: _group("all", _clause("contact.undeliverable", "is_true")),
    ),
)


def find(name: str) -> Recipe | None:
    return next((recipe for recipe in RECIPES if recipe.name == name), None)
