"""Everything that a rule can be made of, as the editor receives it: fields with their options, operators by type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wagtail_flows.segments.compiling import answers
from wagtail_flows.segments.fields import Field, Option
from wagtail_flows.segments.operators import OPERATORS


def catalogue() -> dict[str, Any]:
    """Fit for JSON, with its labels in the current language."""
    return {
        "fields": [_field(field) for field, _source in answers().values()],
        "operators": {
            str(field_type): [
                {"name": operator.name, "label": str(operator.label), "operand": str(operator.operand)}
                for operator in known
            ]
            for field_type, known in OPERATORS.items()
        },
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": str(field.label),
        "group": str(field.group),
        "type": str(field.type),
        "choices": _choices(field.choices),
        "refers_to": field.refers_to,
        "options": [_option(option) for option in field.options],
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "kind": str(option.kind),
        "label": str(option.label),
        "choices": _choices(option.choices),
        "refers_to": option.refers_to,
        "is_required": option.is_required,
    }


def _choices(choices: Iterable[tuple[str, Any]]) -> list[list[str]]:
    return [[key, str(label)] for key, label in choices]
