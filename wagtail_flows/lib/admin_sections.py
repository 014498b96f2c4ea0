"""Sections of a page that shows one thing. Upper rooms add theirs to a lower room's page: orders to the contact's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, Table


ROWS_SHOWN = 20


@dataclass(frozen=True)
class Section:
    """One panel: a heading over a component, or `empty` text where there is nothing. `more_url` lists all of it."""

    slug: str
    heading: str
    icon: str
    empty: str
    body: Component | None = None
    total: int | None = None
    more_url: str = ""


Maker = Callable[[Any, HttpRequest], Section | None]
_makers: dict[type[Model], list[tuple[int, Maker]]] = {}


def register(model: type[Model], maker: Maker, *, order: int) -> None:
    """Show what `maker` returns on the page of each `model`; None shows nothing. Safe to call twice."""
    makers = _makers.setdefault(model, [])
    if maker not in [known for _order, known in makers]:
        makers.append((order, maker))
        makers.sort(key=lambda pair: pair[0])


def sections_for(instance: Model, request: HttpRequest) -> list[Section]:
    """The sections of one page, in order, as far as the visitor may see them."""
    made = (maker(instance, request) for _order, maker in _makers.get(type(instance), []))
    return [section for section in made if section is not None]


def table_section(
    slug: str,
    heading: str,
    icon: str,
    empty: str,
    *,
    columns: Sequence[Column],
    rows: QuerySet[Any],
    more_url: str = "",
) -> Section:
    """A section that shows the first rows of a queryset as a table, and says how many there are."""
    shown = list(rows[:ROWS_SHOWN])
    total = rows.count() if len(shown) == ROWS_SHOWN else len(shown)
    body = Table(list(columns), shown, classname="listing flows-table") if shown else None
    return Section(slug, heading, icon, empty, body, total, more_url if total > len(shown) else "")
