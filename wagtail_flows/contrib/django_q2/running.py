"""What a django-q2 worker calls for every task of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.module_loading import import_string


def run(path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call the task at this dotted path."""
    return import_string(path).call(*args, **kwargs)
