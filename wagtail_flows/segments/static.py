"""Segments made by hand: putting contacts in and taking them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from wagtail_flows.contacts.models import Contact
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import bell, clock
from wagtail_flows.lib.db import locked
from wagtail_flows.segments.models import Segment, SegmentMember


AT_ONCE = 1000


class SegmentAsksARule(FlowsError):
    """Contacts can't be put into a segment that asks a rule. Change its rule, or use a segment made by hand."""

    def __str__(self) -> str:
        return _("This segment asks a rule: nobody can be put into it by hand.")


def add_members(segment: Segment, contact_ids: Iterable[int]) -> int:
    """Put contacts into a segment made by hand; answers how many were not in it before. Ids of nobody are left out.

    Doing it again changes nothing. Raises SegmentAsksARule.
    """
    added = 0
    with _changing(segment):
        for ids in _portions(contact_ids):
            # A contact that is erased meanwhile would break the foreign key: its row is held until the commit.
            there = locked(Contact.objects.filter(pk__in=ids).order_by("pk")).values_list("pk", flat=True)
            inside = set(_rows(segment, ids).values_list("contact_id", flat=True))
            rows = [
                SegmentMember(segment=segment, contact_id=contact_id, added_at=clock.now())
                for contact_id in there
                if contact_id not in inside
            ]
            added += len(SegmentMember.objects.bulk_create(rows, ignore_conflicts=True))
    return added


def remove_members(segment: Segment, contact_ids: Iterable[int]) -> int:
    """Take contacts out of a segment made by hand; answers how many were in it. Raises SegmentAsksARule."""
    removed = 0
    with _changing(segment):
        for ids in _portions(contact_ids):
            count, _by_model = _rows(segment, ids).delete()
            removed += count
    return removed


@contextmanager
def _changing(segment: Segment) -> Iterator[None]:
    """A transaction alone with the segment, so that two who add the same contact are told different numbers."""
    with transaction.atomic():
        stored = locked(Segment.objects.filter(pk=segment.pk)).first()
        if stored is None or stored.kind != Segment.Kind.STATIC:
            raise SegmentAsksARule
        yield
        Segment.objects.filter(pk=segment.pk).update(counted_at=None)
        bell.ring()


def _rows(segment: Segment, contact_ids: list[int]) -> QuerySet[SegmentMember]:
    return SegmentMember.objects.filter(segment=segment, contact_id__in=contact_ids)


def _portions(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(dict.fromkeys(ids))
    while some := list(islice(rest, AT_ONCE)):
        yield some
