"""Buttons in the header of a page that shows one thing, which upper rooms add to the pages of lower ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from wagtail.admin.widgets.button import Button


Maker = Callable[[Any, HttpRequest], Button | None]
_makers: dict[type[Model], list[Maker]] = {}


def register(model: type[Model], maker: Maker) -> None:
    """Offer what `maker` returns on the page of each `model`; None offers nothing. Safe to call twice."""
    makers = _makers.setdefault(model, [])
    if maker not in makers:
        makers.append(maker)


def buttons_for(instance: Model, request: HttpRequest) -> list[Button]:
    """The buttons for one page, as far as the visitor may use them."""
    made = (maker(instance, request) for maker in _makers.get(type(instance), []))
    return [button for button in made if button is not None]
