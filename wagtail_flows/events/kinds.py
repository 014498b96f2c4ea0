"""The kinds of events there are. Slices and third parties register theirs; recording an unknown one is an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class EventKind:
    """One kind: its dotted name (`order.placed`), what people call it, and the names of what its data holds.

    `is_open`: programs may record it by the API. What the site finds out by itself isn't open.
    """

    name: str
    label: str | Promise
    fields: Sequence[str] = ()
    is_open: bool = False


_registered: dict[str, EventKind] = {}


def register(kind: EventKind) -> None:
    """Make a kind known. Registering the same again changes nothing; the same name with another meaning is an error."""
    known = _registered.setdefault(kind.name, kind)
    if known is not kind and (str(known.label), tuple(known.fields)) != (str(kind.label), tuple(kind.fields)):
        raise ValueError(f"The event kind {kind.name!r} is registered already, with another label or other fields.")


def get(name: str) -> EventKind | None:
    """The kind of this name, if it is known."""
    return _registered.get(name)


def all_kinds() -> list[EventKind]:
    """Every known kind, by name."""
    return sorted(_registered.values(), key=lambda kind: kind.name)
