"""What changed in a step or trigger and its sentence doesn't tell: field by field, in words. Pure."""

from __future__ import annotations

import json

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.problems import Problem
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.trigger import Trigger


def untold(before: Step | Trigger, after: Step | Trigger, names: References) -> tuple[str, ...]:
    """The changed fields that change nothing about the sentence of `before` where they alone are changed. Both are of
    one kind.
    """
    return tuple(
        _("%(field)s: %(before)s became %(after)s") % {"field": name, "before": _words(old), "after": _words(new)}
        for name, old, new in _differences(before.write(), after.write())
        if not _tells(before, name, new, names)
    )


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _tells(one: Step | Trigger, name: str, value: Any, names: References) -> bool:
    """Whether the sentence is another one with this value in the field."""
    problems: list[Problem] = []
    fields = Reader({**one.write(), name: value}, problems)
    changed = (
        type(one).read(fields, id=one.id, outlets=one.outlets)
        if isinstance(one, Step)
        else type(one).read(fields, id=one.id)
    )
    return not problems and changed.sentence(names) != one.sentence(names)


def _words(value: Any) -> str:
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
