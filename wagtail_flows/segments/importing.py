"""Putting the contacts of a file of addresses into a segment made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wagtail_flows.contacts.models import Contact
from wagtail_flows.segments.address_file import Row
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.static import add_members


AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows. `unknown` are no contacts and weren't made ones: nobody told that they may be."""

    added: int
    already: int
    unknown: tuple[Row, ...]
    unreadable: tuple[Row, ...]


def import_rows(segment: Segment, rows: Sequence[Row]) -> Imported:
    """Add who is a contact already. Raises SegmentAsksARule."""
    readable = [row for row in rows if row.key]
    known = _known({row.key for row in readable})
    ids = {known[row.key] for row in readable if row.key in known}
    added = add_members(segment, sorted(ids))
    unknown = tuple(row for row in readable if row.key not in known)
    return Imported(added, len(ids) - added, unknown, tuple(row for row in rows if not row.key))


def _known(keys: set[str]) -> dict[str, int]:
    asked = sorted(keys)
    found: dict[str, int] = {}
    for start in range(0, len(asked), AT_ONCE):
        some = Contact.objects.filter(key__in=asked[start : start + AT_ONCE]).order_by()
        found.update(some.values_list("key", "pk"))
    return found
