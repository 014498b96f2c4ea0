"""Branches: the named ways out of a step that chooses one, and the way of everybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.reading import Reader


B = TypeVar("B")

OTHERWISE = "else"
MAX_BRANCHES = 20


def read_branches(fields: Reader, read: Callable[[Reader, str], B], *, minimum: int = 1) -> tuple[B, ...]:
    """The branches of a step, in order, each made by `read` from its fields and the name of its outlet."""
    found: list[B] = []
    names = {OTHERWISE}
    for part in fields.parts("branches", MAX_BRANCHES):
        outlet = part.identifier("outlet")
        if outlet in names:
            text = _("The name “%(outlet)s” is taken: give each branch its own.")
            part.note("outlet", "duplicate_outlet", text % {"outlet": outlet})
        names.add(outlet)
        found.append(read(part, outlet))
        part.close()
    if len(found) < minimum and not fields.has_problems:
        text = _("“%(name)s” needs at least %(min)d items.")
        fields.note("branches", "too_few", text % {"name": "branches", "min": minimum})
    return tuple(found)
