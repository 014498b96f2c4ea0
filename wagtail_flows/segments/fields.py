"""What rules can ask about: a field has a type, and options that narrow it (in the last N days, for one shop). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wagtail_flows.segments.operators import FieldType


class OptionKind(StrEnum):
    DAYS = "days"
    TEXT = "text"
    CHOICE = "choice"
    REFERENCE = "reference"
    CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class Option:
    """A narrowing of a field, such as `within_days`. `refers_to` names what a reference points at: list, message,
    segment.
    """

    name: str
    kind: OptionKind
    label: Any
    choices: tuple[tuple[str, Any], ...] = ()
    refers_to: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is dotted and stable: it is stored in rules. `refers_to` makes the value a choice of existing things."""

    name: str
    label: Any
    group: Any
    type: FieldType
    choices: tuple[tuple[str, Any], ...] = ()
    refers_to: str = ""
    options: tuple[Option, ...] = ()

    def option(self, name: str) -> Option | None:
        return next((option for option in self.options if option.name == name), None)


Fields = Mapping[str, Field]
# What exists, by what it is called in `refers_to`: {"list": {"5f0c…": "Newsletter"}}; only the ids matter. A kind that
# is absent isn't checked.
References = Mapping[str, Mapping[str, Any]]
