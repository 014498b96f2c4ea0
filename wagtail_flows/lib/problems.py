"""Problem: the one shape in which anything says what is wrong, and where. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """`step` is the id of a step or the path of a clause ("" for the whole), `field` the field in it, `text` says
    what to do.

    A warning doesn't stop anything.
    """

    step: str
    field: str
    code: str
    text: Any
    is_warning: bool = False

    def as_json(self) -> dict[str, str | bool]:
        """The problem as editors receive it, with its text in the current language."""
        return {
            "step": self.step,
            "field": self.field,
            "code": self.code,
            "text": str(self.text),
            "is_warning": self.is_warning,
        }
