"""Brakes: what pauses a scenario by itself, and how that is told. The engine counts and pulls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


CONTACT_DAY = "contact_day"
HOUR = "hour"
BOUNCES = "bounces"
COMPLAINTS = "complaints"


@dataclass(frozen=True)
class Tripped:
    """A brake that was pulled: its code, and what it had counted (plain JSON; no address, for it is logged)."""

    code: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def brake_text(code: str, numbers: Mapping[str, Any]) -> str:
    """Why a brake paused a scenario, in the active language; "" where none did."""
    match code:
        case "":
            return ""
        case "contact_day":
            return _contact_day(numbers)
        case "hour":
            told = _("More e-mails than foreseen: %(count)s within an hour, where at most %(most)s were expected.")
        case "bounces":
            told = _(
                "Too many bounces at %(provider)s: %(percent)s %% of %(sent)s e-mails; at most %(most)s %% is good."
            )
        case "complaints":
            told = _(
                "Too many complaints at %(provider)s: %(percent)s %% of %(sent)s e-mails; at most %(most)s %% is good."
            )
        case _:
            return code
    return told % {name: _number(value) for name, value in numbers.items()}


def _contact_day(numbers: Mapping[str, Any]) -> str:
    text = ngettext(
        "One contact (number %(contact)s) would have got more than %(most)s e-mail of it within a day.",
        "One contact (number %(contact)s) would have got more than %(most)s e-mails of it within a day.",
        int(numbers.get("most", 0)),
    )
    return text % {"contact": numbers.get("contact", ""), "most": _number(numbers.get("most", 0))}


def _number(value: Any) -> str:
    """A count or a percentage as people write it; a name stays as it is."""
    if isinstance(value, str) and not _is_decimal(value):
        return value
    return number_format(Decimal(str(value)).normalize().__format__("f"), force_grouping=True)


def _is_decimal(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
